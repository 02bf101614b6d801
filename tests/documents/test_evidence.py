"""What tells code, output and prose apart; `test_exported` has it at work."""

from __future__ import annotations

import ast

import pytest

from gluonrnn.documents.evidence import (
    bound_names,
    is_comment,
    looks_like_code,
    looks_like_output,
    looks_like_prose,
    may_be_output,
    parsed,
    shows,
)


def statement(source):
    return ast.parse(source).body[0]


def test_what_is_parsed_is_masked_first():
    assert len(parsed("%matplotlib inline\nx = !ls\n%%time").body) == 3
    assert parsed("%%bash\nls |") is not None


@pytest.mark.parametrize("source", ["x y", "(", "x = '", "  x", "if x:", "\ud800 = 'x\0'", "(" * 2000, "x\n y"])
def test_what_is_no_python_is_none(source):
    assert parsed(source) is None


def test_parsing_does_not_warn_of_escapes():
    assert parsed("x = '\\m'") is not None


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b", "a"),
        ("a, (*b, c.d, e[0]) = f", "a b"),
        ("a += 1; b: int = 2; c: int", "a b c"),
        ("import a.b.c, d as e; from f import g, h as i", "a e g i"),
        ("from a import *", "*"),
        ("def f(a):\n    b = 1", "f"),
        ("async def f(a): pass\nclass B:\n    c = 1", "B f"),
        ("def f():\n    global a\n    a = 1", "a f"),
        ("for a in b:\n    with c as d:\n        e = 1", "a d e"),
        ("try:\n    pass\nexcept A as b:\n    c = 1\nexcept D:\n    pass", "b c"),
        ("a = [b for b in c]; d = lambda e: e; {f: g for f, g in h}", "a d"),
        ("(a := 1)", "a"),
    ],
)
def test_bound_names(source, names):
    assert bound_names(ast.parse(source)) == set(names.split())


def test_names_bound_within():
    source = "def f(a, *b, c=1, **d):\n    e = [g for g in a]\n\n    def h():\n        import i"
    assert bound_names(ast.parse(source), within=True) == set("abcdefghi")


@pytest.mark.parametrize(
    ("source", "expected"),
    [("'a\\\nb'", True), ("'''a\nb'''", True), ("'a'", False), ("x = '''a\nb'''", False), ("(1,\n2)", False)],
)
def test_a_comment_is_a_string_of_several_lines(source, expected):
    assert is_comment(statement(source)) == expected


@pytest.mark.parametrize(
    "source", ["1", "'a'", "词", "[词, -1.0]", "{1: 词}", "array([1.])", "a.b(1)", "set()", "x: 词", "y: 1"]
)
def test_constants_and_unknown_names_are_output(source):
    assert looks_like_output(statement(source), {"x", "f"})
    assert looks_like_output(statement(source), set())


@pytest.mark.parametrize(
    "source", ["loss = nan", "loss = (nan, inf)", "loss: float_ = 3", "raise hell", "del it", "global it"]
)
def test_statements_of_unknown_names_are_output(source):
    assert looks_like_output(statement(source), {"x", "loss"})
    assert not looks_like_output(statement(source), {"x", "nan", "float_", "hell", "it"})


@pytest.mark.parametrize(
    "source",
    ["x", "[x]", "f(1)", "x.y()", "print(1)", "'a'.join(词)", "[1 for _ in 词]", "lambda: 1", "y = 1", "import a"],
)
def test_code_is_no_output(source):
    assert not looks_like_output(statement(source), {"x", "f"})


@pytest.mark.parametrize(
    "source",
    ["y: int = 3", "if 词: pass", "raise ValueError", "def g(): 词", "pass", "assert 1", "get_ipython()", "array(x)"],
)
def test_more_code_is_no_output(source):
    assert not looks_like_output(statement(source), {"x", "f"})


def test_after_a_star_import_a_call_may_be_of_anything():
    assert looks_like_output(statement("array([1.])"), {"x"})
    assert not looks_like_output(statement("array([1.])"), {"*"})
    assert not looks_like_output(statement("loss = nan"), {"*"})
    assert looks_like_output(statement("词"), {"*"})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a", True),
        ("for a in b: pass", True),
        ("x(1)", True),
        ("a = x.b(1)", True),
        ("print(1)", True),
        ("a = 1", False),
        ("b(1)", False),
        ("x", False),
    ],
)
def test_code_beyond_doubt(source, expected):
    assert looks_like_code(statement(source), {"x"}) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [("a = b = [1, 'c']", True), ("x.y", True), ("1", True), ("a = b", False), ("a = b()", False), ("a += 1", False)],
)
def test_what_may_be_output(source, expected):
    assert may_be_output(statement(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x", True),
        ("x = 1\nx()", True),
        ("x\ny = 1", False),
        ("if x:\n    print(y)\nz = 1", True),
        ("def f():\n    print(1)", False),
        ("x = 1\n'''a\nb'''", False),
        ("x = [print(y) for y in z]", False),
        ("", False),
    ],
)
def test_what_shows(source, expected):
    assert shows(ast.parse(source)) == expected


def test_prose_of_several_lines():
    assert looks_like_prose(["where", "the state of it is", "kept."])
    assert looks_like_prose(["A title", "-------"])
    assert not looks_like_prose(["a  b", "--- ---", "1  2"])
    assert not looks_like_prose(["-" * 75, "NameError  Traceback (most recent call last)"])
    assert not looks_like_prose(["远山，"])
