"""Parsing with IPython's lines masked, and where imported names come from."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from gluonrnn.rerun.syntax import Origins, helper_name, masked, positional, syntax_tree


def test_a_path_into_a_helper_library():
    for path, place in [
        ("d2l", ("d2l", "")),
        ("d2l.mxnet", ("d2l.mxnet", "")),
        ("d2l.mxnet.Vocab.unk", ("d2l.mxnet", "Vocab")),
        ("d2l.Vocab", ("d2l", "Vocab")),
        ("d2l.jax.Vocab", ("", "")),
        ("d2lzh_pytorch.sgd", ("", "")),
        ("d2lzh.utils.sgd", ("d2lzh", "sgd")),
        ("gluonbook.utils", ("gluonbook", "")),
        ("gluonrnn.d2l.sgd", ("gluonrnn.d2l", "sgd")),
        ("gluonrnn.sgd", ("gluonrnn", "sgd")),
        ("gluonrnn.editions.utils_2017.SGD", ("gluonrnn.editions.utils_2017", "SGD")),
        ("utils.SGD", ("utils", "SGD")),
        ("utilities.SGD", ("", "")),
        ("mxnet.utils.SGD", ("", "")),
        ("", ("", "")),
    ]:
        assert helper_name(path) == place


def test_origins_follow_the_imports_of_a_cell():
    origins = Origins()
    source = "import a.b, c.d as e\nfrom f import *\ndef g():\n    from h import i as j, k\n"
    source += "from . import l\nfrom .m import n"
    assert sorted(origins.read(ast.parse(source))) == ["a.b", "c.d", "f", "h.i", "h.k"]
    assert origins.names == {"a": "a", "e": "c.d", "j": "h.i", "k": "h.k"}
    assert origins.stars == ["f"]
    for written, path in (
        ("a.b.x", "a.b.x"),
        ("e.x", "c.d.x"),
        ("j", "h.i"),
        ("l", ""),
        ("n", ""),
        ("x.a", ""),
        ("a().x", ""),
    ):
        assert origins.of(ast.parse(written, mode="eval").body) == path


def test_a_tree_is_of_python_alone():
    for source in ["print 'a'", "(", "  x", "if x:", "\ud800 = 'x\0'", "(" * 2000, "x\n y"]:
        assert syntax_tree(source) is None
    assert syntax_tree("x = '\\m'") is not None  # and does not warn of the escape
    assert syntax_tree("%%bash\nls |") is not None
    assert len(syntax_tree("%time\n!ls\na = 1").body) == 3
    assert positional(syntax_tree("def f(a, /, b, c=1, *d, e, **f): pass").body[0].args) == ["a", "b", "c"]


def test_a_line_of_ipython_is_masked():
    for line, expected in [
        ("!pip install 'd2l'", "pass"),
        ("    %time f(x)", "    pass"),
        ("?nd.array", "pass"),
        ("nd.random.uniform??  ", "pass"),
        ("*int*?", "pass"),
        ("%%bash?", "pass"),
        ("y = f?", "pass"),
        ("files = !ls -l | wc", "files = None"),
        ("    a, *b = %time g(1 == 2)", "    a, *b = None"),
        ("x.y['z'] =%sx ls", "x.y['z'] = None"),
        ("!echo \"it's", "pass"),
    ]:
        assert masked(line) == expected
        assert masked(f"before = (1,\n  2)\n{line}\nafter  = 3\n") == f"before = (1,\n  2)\n{expected}\nafter  = 3\n"


def test_the_rest_is_left_alone():
    for source in [
        *("", "x != y", "x %= 3", "x = (17\n% 5)", "x = [17\n\n% 5, {1:\n!r}]", "x = 17 \\\n% 5"),
        *('x = """\n%matplotlib inline\n!ls\nwhat?\n"""', "x = r'''\\\n%pwd\n\\'''\n%pwd\n'''"),
        *('x = """one that is not closed\n!ls\n', 'x = \'a # """ b\'  # it\'s \' """ (\ny = 1'),
        *("print('what?')  # really?\n# is it?", "x = '%d' % 3\n\n\ny = f'{x}'\n"),
    ]:
        assert masked(source) == source


def test_what_stands_behind_a_string_or_brackets_is_masked_again():
    source = 'x = """(\n%pwd"""\n%pwd\ny = ("[",\n!r)\n!ls\nz = \'(\'\n%pwd'
    assert masked(source).split("\n") == ['x = """(', '%pwd"""', "pass", 'y = ("[",', "!r)", "pass", "z = '('", "pass"]


def test_a_continued_shell_line_is_masked_to_its_end():
    assert masked("!wget \\\n  -q \\\n  there\nx = 1") == "pass\n\n\nx = 1"
    assert masked("x = !wget \\\n  -q\ny = 1") == "x = None\n\ny = 1"
    assert masked("!wget \\\r\n  -q\r\ny = 1\r\n").split("\n")[2] == "y = 1\r"


def test_a_cell_of_another_language_is_masked_as_a_whole():
    assert masked("\n%%bash\nfor i in *; do\n  echo (\ndone") == "\npass\n\n\n"
    assert masked("%%writefile a.py\nimport") == "pass\n"


def test_a_cell_magic_over_python_is_masked_alone():
    for magic in ["%%time", "%%timeit -n 1", "%%capture output", "%%tab mxnet"]:
        assert masked(f"{magic}\n%pwd\nx = 1\n") == "pass\npass\nx = 1\n"
        assert masked(f"{magic}\n%%bash\nls\n") == "pass\npass\n\n"
        assert masked(magic) == "pass"


def test_a_cell_magic_further_down_is_a_line():
    assert masked("x = 1\n%%time\ny = 2") == "x = 1\npass\ny = 2"


LINES = st.sampled_from(
    [
        "x = 1",
        "",
        "# it's (",
        "for x in (1,\n   2):\n    y = x % 2\n    !ls {x}",
        'z = """\n%pwd\n\n!ls """',
        "def f():\n    %time x = '('",
        "%matplotlib inline",
        '!echo ( [ \' """',
        "!wget \\\n   --quiet \\\n   (there)",
        "a = !ls",
        "b = %pwd",
        "f?",
        "?f",
        "c = 7 \\\n % 3",
        "d = [\n'%s'\n% 1]",
    ]
)


@given(st.lists(LINES), st.sampled_from(["", "%%time\n", "%%bash\n", "\n"]))
def test_as_many_lines_and_python(lines, head):
    source = head + "\n".join(lines)
    text = masked(source)
    assert text.count("\n") == source.count("\n")
    ast.parse(text)
    assert masked(text) == text


@pytest.mark.slow
@given(st.text(alphabet="ax1 \t\n%!?=\\'\"#()[]{}.,:"))
def test_any_text_keeps_its_lines(source):
    text = masked(source)
    assert text.count("\n") == source.count("\n")
    for before, after in zip(source.split("\n"), text.split("\n")):
        assert after == before or after.strip() in ("", "pass") or after.endswith("= None")


def parses(source):
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


@settings(max_examples=40)
@given(st.lists(LINES), st.sampled_from(["", "%%time\n", "%%bash\n", "\n"]))
def test_ipython_makes_python_of_what_is_masked(lines, head):
    assert parses(TransformerManager().transform_cell(head + "\n".join(lines)))


def test_what_ipython_does_not_take_is_not_masked():
    for line in ["if x: !ls", "f(x)?", "x = [1]; !ls", "x == !ls", "x = {'a': 1}?", "x += %pwd"]:
        assert masked(line) == line
        assert not parses(TransformerManager().transform_cell(line + "\n"))
