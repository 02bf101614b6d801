"""What the tests of texts share."""

from gluonrnn.corpus.text import read_pieces


def read_text(path, **options):
    """Return a text as `load_corpus` reads it, in one piece."""
    return "".join(read_pieces(path, **options))
