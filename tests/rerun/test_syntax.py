from __future__ import annotations

import ast

from gluonrnn.rerun.syntax import Origins, helper_name, positional, syntax_tree


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
    assert syntax_tree("print 'a'") is None
    assert len(syntax_tree("%time\n!ls\na = 1").body) == 3
    assert positional(syntax_tree("def f(a, /, b, c=1, *d, e, **f): pass").body[0].args) == ["a", "b", "c"]
