"""The known corpora: name, file, hash and size of each.

Two were written for this project and come with it; the other three are the book's and do not.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KNOWN_CORPORA", "KnownCorpus"]


@dataclass(frozen=True)
class KnownCorpus:
    """The facts about a known corpus.

    Parameters
    ----------
    name : str
        What users call it.
    title : str
        What it is, in a few words.
    file_name : str
        The file that holds it.
    sha256 : str
        Of that file, in hexadecimal.
    max_chars : int or None
        How many characters the book trains on; None for all.
    vocab_size : int
        The number of distinct characters among those.
    prefixes : tuple of str
        What samples start from by default.
    url : str or None
        Its public home; None for a corpus that comes with the package.
    other_file_names : tuple of str
        Further names that the file is looked for under.
    member : str or None
        The name of the text inside an archive.
    lower : bool
        Whether the book lower-cases it.
    """

    name: str
    title: str
    file_name: str
    sha256: str
    max_chars: int | None
    vocab_size: int
    prefixes: tuple[str, ...]
    url: str | None = None
    other_file_names: tuple[str, ...] = ()
    member: str | None = None
    lower: bool = False

    @property
    def bundled(self) -> bool:
        """Whether it comes with the package."""
        return self.url is None


_LYRICS_ARCHIVE, _LYRICS_MEMBER = "jaychou_lyrics.txt.zip", "jaychou_lyrics.txt"
_LYRICS_HOME = "https://github.com/d2l-ai/d2l-zh/raw/{tag}/data/" + _LYRICS_ARCHIVE

KNOWN_CORPORA: dict[str, KnownCorpus] = {
    corpus.name: corpus
    for corpus in (
        KnownCorpus(
            name="lyrics",
            title="Chinese song lyrics, written for this project (CC0)",
            file_name="lyrics.txt",
            sha256="f2f58e9d420182a2fce9dbc8b6840025174f3c3ff8b49f139aeca4b37a8c9bf2",
            max_chars=None,
            vocab_size=1055,
            prefixes=("分开", "不分开"),
        ),
        KnownCorpus(
            name="prose",
            title="an English story, written for this project (CC0)",
            file_name="prose.txt",
            sha256="f9b924ad7a0999e42d793441ea31b0143a76f10dcd60c2fce9e393780df6c482",
            max_chars=None,
            vocab_size=60,
            prefixes=("The ", "Miss Thorne "),
        ),
        KnownCorpus(
            name="jaychou",
            title="Jay Chou lyrics as of 2018, first 10,000 characters (copyrighted)",
            file_name=_LYRICS_ARCHIVE,
            sha256="3cfedd7d174111cdad5a27eaffaa6a2432a2842cf2590a03dd8a97610ea07043",
            max_chars=10_000,
            vocab_size=1027,
            prefixes=("分开", "不分开"),
            url=_LYRICS_HOME.format(tag="v1.0.0"),
            member=_LYRICS_MEMBER,
        ),
        KnownCorpus(
            name="jaychou-2017",
            title="Jay Chou lyrics as of 2017, first 20,000 characters (copyrighted)",
            file_name="jaychou_lyrics_2017.txt.zip",
            other_file_names=(_LYRICS_ARCHIVE,),
            sha256="182180582bd7811aa93f4eb954f9a8d7990177044c374b16bd9304132d2dc39c",
            max_chars=20_000,
            vocab_size=1465,
            prefixes=("分开", "不分开"),
            url=_LYRICS_HOME.format(tag="v0.6"),
            member=_LYRICS_MEMBER,
        ),
        KnownCorpus(
            name="timemachine",
            title="The Time Machine by H. G. Wells, first 10,000 characters, lower-cased",
            file_name="timemachine.txt",
            sha256="8424dbd9532ac81f7e5f0b6add90e6952baea29158309d7d1bf3884f4e12c516",
            max_chars=10_000,
            vocab_size=43,
            prefixes=("time traveller", "traveller"),
            url="https://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt",
            lower=True,
        ),
    )
}
