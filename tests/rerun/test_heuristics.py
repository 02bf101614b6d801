"""Telling code, output and prose apart; `test_exported` tests the whole."""

from __future__ import annotations

import ast

from gluonrnn.rerun.heuristics import (
    bound_names,
    is_comment,
    looks_like_code,
    looks_like_output,
    looks_like_prose,
    may_be_output,
    shows,
)


def statement(source):
    return ast.parse(source).body[0]


def test_bound_names():
    for source, names in [
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
    ]:
        assert bound_names(ast.parse(source)) == set(names.split())


def test_names_bound_within():
    source = "def f(a, *b, c=1, **d):\n    e = [g for g in a]\n\n    def h():\n        import i"
    assert bound_names(ast.parse(source), within=True) == set("abcdefghi")


def test_a_comment_is_a_string_of_several_lines():
    for source, expected in [
        ("'a\\\nb'", True),
        ("'''a\nb'''", True),
        ("'a'", False),
        ("x = '''a\nb'''", False),
        ("(1,\n2)", False),
    ]:
        assert is_comment(statement(source)) == expected


def test_constants_and_unknown_names_are_output():
    for source in ["'a'", "[词, -1.0]", "{1: 词}", "array([1.])", "a.b(1)", "x: 词", "y: 1"]:
        assert looks_like_output(statement(source), {"x", "f"})
        assert looks_like_output(statement(source), set())


def test_statements_of_unknown_names_are_output():
    for source in ["loss = nan", "loss = (nan, inf)", "loss: float_ = 3", "raise hell", "del it", "global it"]:
        assert looks_like_output(statement(source), {"x", "loss"})
        assert not looks_like_output(statement(source), {"x", "nan", "float_", "hell", "it"})


def test_code_is_no_output():
    for source in [
        "x",
        "f(1)",
        "x.y()",
        "print(1)",
        "'a'.join(词)",
        "[1 for _ in 词]",
        "lambda: 1",
        "y = 1",
        "import a",
    ]:
        assert not looks_like_output(statement(source), {"x", "f"})


def test_more_code_is_no_output():
    for source in [
        *("y: int = 3", "if 词: pass", "raise ValueError", "def g(): 词", "pass", "assert 1", "get_ipython()"),
        *("array(x)",),
    ]:
        assert not looks_like_output(statement(source), {"x", "f"})


def test_after_a_star_import_a_call_may_be_of_anything():
    assert looks_like_output(statement("array([1.])"), {"x"})
    assert not looks_like_output(statement("array([1.])"), {"*"})
    assert not looks_like_output(statement("loss = nan"), {"*"})
    assert looks_like_output(statement("词"), {"*"})


def test_code_beyond_doubt():
    for source, expected in [
        ("import a", True),
        ("for a in b: pass", True),
        ("a = x.b(1)", True),
        ("a = 1", False),
        ("b(1)", False),
        ("x", False),
    ]:
        assert looks_like_code(statement(source), {"x"}) == expected


def test_what_may_be_output():
    for source, expected in [
        ("a = b = [1, 'c']", True),
        ("x.y", True),
        ("1", True),
        ("a = b", False),
        ("a = b()", False),
        ("a += 1", False),
    ]:
        assert may_be_output(statement(source)) == expected


def test_what_shows():
    for source, expected in [
        ("x", True),
        ("x = 1\nx()", True),
        ("x\ny = 1", False),
        ("if x:\n    print(y)\nz = 1", True),
        ("def f():\n    print(1)", False),
        ("x = 1\n'''a\nb'''", False),
        ("x = [print(y) for y in z]", False),
        ("", False),
    ]:
        assert shows(ast.parse(source)) == expected


def test_prose_of_several_lines():
    assert looks_like_prose(["where", "the state of it is", "kept."])
    assert looks_like_prose(["A title", "-------"])
    assert not looks_like_prose(["a  b", "--- ---", "1  2"])
    assert not looks_like_prose(["-" * 75, "NameError  Traceback (most recent call last)"])
    assert not looks_like_prose(["远山，"])
