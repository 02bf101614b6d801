"""Exported text: where code ends and output starts, where output ends and prose starts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluonrnn.rerun.exported import has_prompts, read_exported


def cells(text):
    return [(cell.kind, cell.source, cell.line) for cell in read_exported(text).cells]


def code(text):
    return [cell.source for cell in read_exported(text).cells if cell.kind == "code"]


def prose(text):
    return [cell.source for cell in read_exported(text).cells if cell.kind == "prose"]


def doubts(text):
    return [cell.doubt for cell in read_exported(text).cells if cell.kind == "code"]


def paragraphs(*texts):
    """Return what an exporter writes of one cell."""
    return "In [1]:\n" + "\n\n".join(texts) + "\n"


CHAPTER = """\
# 标题

先读取数据：

In [1]:
import math
words = ['一', '二']

print('\\n'.join(words))

一
二



然后看一下长度。

In [2]:
len(words)

2

接着定义一个函数。它什么也不显示

In [3]:
def f(x):
    # 一个函数。

    def g():
        return x

    return g()

for word in words:
    print('data: ', f(word), math.pi)

data:
[[ 6.  7.]
 [ 3.  4.]]
<NDArray 2x2 @cpu(0)>

data:
 - 一
 3.14

## 结论

* 一个结论
"""


def test_a_chapter():
    assert cells(CHAPTER) == [
        ("prose", "# 标题\n\n先读取数据：", 1),
        ("code", "import math\nwords = ['一', '二']\n\nprint('\\n'.join(words))", 6),
        ("prose", "然后看一下长度。", 16),
        ("code", "len(words)", 19),
        ("prose", "接着定义一个函数。它什么也不显示", 23),
        (
            "code",
            "def f(x):\n    # 一个函数。\n\n    def g():\n        return x\n\n    return g()\n\n"
            "for word in words:\n    print('data: ', f(word), math.pi)",
            26,
        ),
        ("prose", "## 结论\n\n* 一个结论", 46),
    ]
    assert doubts(CHAPTER) == ["", "", ""]


def test_output_is_not_code():
    for output in [
        *(
            "54321",
            "-1.5",
            "(7, (3, 999))",
            "{'a': 1, -2: [True, None]}",
            "远山有一条小路\n路边有风",
            "远山, [路边]",
            "size: 3",
        ),
        *("loss = nan", "word.next", "array([1., 2.], dtype=float32)", "range(0, 5)", "1 + 2j", "a < b"),
        *("global warming", "    54321", "[[1. 2.]\n [3. 4.]]\n\n[[1. 2.]]", " - 远山 我们", "<NDArray 3x2 @cpu(0)>"),
        *("x?",),
    ]:
        text = paragraphs("x = [1]\nfor _ in x:\n    print(x)", output, "So it is, in several words.")
        assert cells(text) == [
            ("code", "x = [1]\nfor _ in x:\n    print(x)", 2),
            ("prose", "So it is, in several words.", text.count("\n")),
        ]
        assert doubts(text) == [""]


def test_more_code_is_code():
    for more in [
        *("import math", "x, len(x)", "[f(y) for y in x]", "'a'.upper()", "def g():\n    a = 1\n\n    return a"),
        *("class A:\n\n    b: int = 1\n\n    def c(self):\n\n        return 2\n\n    # d\n\n    e = 3",),
        *("z = [1,\n\n2]", "z = '''\n\nloss: 3\n\n## A\n\n- b\n\n'''"),
        *("for y in x:\n    f(y)\n\nelse:\n    f(x)", "@f\n\n@f\ndef g():\n    pass"),
        *("# a comment\n\n# another one\n\nf(x)", "'''\nnotes of several\nlines\n'''\n\nf(x)"),
        *("!pip install --upgrade \\\n    d2l", "    54321 + x", "y: int = 3", "f(display)"),
    ]:
        first = "def f(x):\n    return x\n\nx = [1]\nif x:\n    x = f(x)"
        assert code(paragraphs(first, more, "It is a sentence of words.")) == [f"{first}\n\n{more}"]


def test_names_of_earlier_cells_are_bound():
    text = "In [1]:\nfrom a.b import c as 词\n\nIn [2]:\nx = 1\nx\n\n词\n\n字\n\n"
    text += "In [3]:\nfrom d import *\n\n字\n\nIn [4]:\nx\n\n字(1)"
    assert code(text) == ["from a.b import c as 词", "x = 1\nx\n\n词", "from d import *", "x\n\n字(1)"]


def test_names_within_a_function_are_not_bound_outside():
    text = paragraphs("def f(data):\n    global 句\n    字 = 1\n    return [词 for 词 in data]", "print(f('a'))", "字")
    assert code(text) == ["def f(data):\n    global 句\n    字 = 1\n    return [词 for 词 in data]\n\nprint(f('a'))"]
    assert code(text.replace("\n字\n", "\n句\n"))[0].endswith("\n\n句")


def test_a_local_name_may_stand_alone():
    assert code(paragraphs("def f(a):\n    b = a", "    b\n    return a", "f(1)")) == [
        "def f(a):\n    b = a\n\n    b\n    return a\n\nf(1)"
    ]


def test_a_list_is_prose():
    assert cells(paragraphs("x = 1\nx", "- x"))[1] == ("prose", "- x", 5)


def test_comments_at_the_end_are_prose():
    assert cells(paragraphs("x = 1", "# A title", "Text")) == [("code", "x = 1", 2), ("prose", "# A title\n\nText", 4)]
    assert cells("In [1]:\n# A title\n\n* a\n") == [("prose", "# A title\n\n* a", 2)]
    assert cells("In [1]:\nx = 1\n\n'''\na\n'''") == [("code", "x = 1", 2), ("prose", "'''\na\n'''", 4)]


def test_what_could_be_output_as_well_is_doubted():
    for tail in ["loss = 0.5\nacc = [0.9, 1]", "x", "x, x[0]"]:
        text = paragraphs("x = [1]\nx", tail)
        assert code(text) == [f"x = [1]\nx\n\n{tail}"]
        assert doubts(text) == ["the lines from 5 on could be recorded output"]
        assert doubts(paragraphs("x = [1]\nx", tail, "print(x)")) == [""]
        assert doubts(paragraphs("x = [1]\nx", f"{tail}\ny = len(x)")) == [""]
        assert doubts(paragraphs("x = [1]", tail)) == [""]  # nothing was shown


def test_what_never_parses_is_doubted():
    text = paragraphs("print 'x'", "x y", "Text.") + "In [2]:\n这(1)\n\n这(2)\n"
    assert code(text) == ["print 'x'", "这(1)\n\n这(2)"]
    assert doubts(text)[0] == "the lines from 2 on do not parse as Python, so nothing tells where the cell ends"
    assert prose(text) == ["x y\n\nText."]


def test_code_behind_what_looks_like_output_is_doubted():
    text = paragraphs("x = [1]\nx", "[1]", "y = len(x)", "So `y` is 1.")
    assert code(text) == ["x = [1]\nx"]
    assert doubts(text) == ["the lines from 7 on read like code, but stand behind what looks like output"]


def test_a_cell_magic_has_no_end():
    text = (
        paragraphs("%%bash\nls -l", "a b", "Here are some words in a sentence.")
        + "In [2]:\n%%time\nx = 1\n\nx + 1\n\n2"
    )
    assert code(text) == ["%%bash\nls -l", "%%time\nx = 1\n\nx + 1"]
    assert doubts(text) == ["nothing tells where a cell that starts with %%bash ends", ""]
    assert prose(text) == ["Here are some words in a sentence."]


def test_a_prompt_before_prose_has_no_code():
    assert cells("In [ ]:\n\n* 一个结论\n") == [("prose", "* 一个结论", 3)]
    assert cells("In [ ]:\n\n这是一个句子。\n\nIn [2]:\n\nIn [ ]: So we have seen it all.") == [
        ("prose", "这是一个句子。\n\nSo we have seen it all.", 3)
    ]


def test_prose_ends_the_output():
    for text in [
        *("# A title", "* a", "1. a\n2. b", "![](a.png)", "| a | b |", "where $x$ is it", "[a](b.md)", "**a**"),
        *("Title\n=====", "<img src='a.png'>", "<!-- a -->", ":label:`a`", "\\begin{equation}", "这是句子，对吗"),
        *("What did we do there?", "Now we train it:"),
    ]:
        assert prose(paragraphs("x = 1\nx", "1", text, "more")) == [f"{text}\n\nmore"]


def test_output_does_not_end_the_output():
    for text in [
        *("epoch 1, loss 0.5, time 1.2 sec", "the river runs on and on", "Downloading the data from there..."),
        *(
            "1.5 2.5",
            "远山有一条小路 路边有风",
            " -  远山 有风 有",
            "<Figure size 432x288 with 1 Axes>",
            "100%|####| 5/5",
        ),
    ]:
        assert prose(paragraphs("x = 1\nx", "1", text, "Now we go on:")) == ["Now we go on:"]


def test_nothing_is_dropped_where_nothing_is_shown():
    assert prose(paragraphs("x = 1\ndef f():\n    print(x)", "Next", "1 2 3")) == ["Next\n\n1 2 3"]
    assert prose(paragraphs("print(1)", "1", "2 3")) == []


def test_shell_lines_show():
    assert cells(paragraphs("!ls", "a b", "What is there to be seen?"))[1] == ("prose", "What is there to be seen?", 6)


def test_prompts():
    for prompt in ["In [4]:", "In[4]:", "In [ ]:", "In  [ 4 ]:", "In\xa0[4]:", "**In [4]:**", "In [4]:   ", "In []："]:
        assert has_prompts(prompt)
        assert cells(f"a\n{prompt}\nx = 1\n\nx\n\n{prompt}\n") == [("prose", "a", 1), ("code", "x = 1\n\nx", 3)]


def test_no_prompts():
    for text in ["In 4:", "In [a]:", "In [4]", "in [4]:", "x In [4]:", "Out[4]:", "```\nIn [4]:\n```"]:
        assert not has_prompts(text)


def test_a_prompt_before_a_fence_is_left_to_the_fence():
    assert not has_prompts("In [1]:\n \n```python\nx\n```\n\nIn [2]:\n~~~python\nx\n")
    assert cells("In [1]:\nx\n\n```\nIn [2]:\n```\n\nIn [3]:\ny")[0] == ("code", "x", 2)


def test_values_with_prompts():
    text = "In [1]:\nprint('a')\n\n'b'\n\na is printed here by the cell.\n\nOut[1]:\n'b'\n\nText\n\n"
    text += "In [2]:\nx\n\nOut[2]: 3\n\n [4]\n\nb\n"
    assert code(text) == ["print('a')", "x"]
    assert prose(text) == ["Text", "b"]
    for out in ("Out[1]:", "**Out[1]:**", "  Out[1]:  "):
        assert cells(f"In [1]:\nx\n{out}\n\n3\n\nText") == [("code", "x", 2), ("prose", "Text", 7)]


def test_an_indented_export():
    text = "In [1]:\n\n    import math\n    def f():\n        return 1\n\n    f()\n\n"
    text += "f\n\n    1\n\nA word and a word and a word.\n"
    assert cells(text) == [
        ("code", "import math\ndef f():\n    return 1\n\nf()", 3),
        ("prose", "A word and a word and a word.", 13),
    ]


def test_a_terminal():
    text = """\
In [1]: x = 1

In [2]: def f():
   ...:     return 2
   ...:
   ...: 5
   ...: f()
Out[2]: 2

In [3]: for i in range(2):
   ...:     print(i)
   ...:
0
1

In [4]: import math
        math.pi
3.14

In [5]: print('a')
   b c
In [6]: import a
import b
print(b)
c
"""
    assert cells(text) == [
        ("code", "x = 1", 1),
        ("code", "def f():\n    return 2\n\n5\nf()", 3),
        ("code", "for i in range(2):\n    print(i)", 10),
        ("code", "import math\nmath.pi", 16),
        ("code", "print('a')", 20),
        ("code", "import a\nimport b\nprint(b)", 22),
    ]
    assert code("In [1]: print 'a'\n   ...: print 'b'\na\nb\n") == ["print 'a'\nprint 'b'"]
    assert code("In [1]: x = 'a'\n   ...:\n   ...: print x\na\n") == ["x = 'a'\n\nprint x"]


def test_lines_of_spaces_are_blank():
    assert code("In [1]:\nx = 1\n   \nx\n \t\n1 2\n  \n3\n") == ["x = 1\n   \nx"]
    assert code("In [1]: import a\n            \nimport b\n") == ["import a\n            \nimport b"]


def test_tabs():
    found = read_exported("In [1]:\n#@tab pytorch\nx = 1\n\nx\n\n1\n\nIn [2]:\n%%tab mxnet\ny = 1\n\nz = y\n")
    assert [(cell.source, cell.line) for cell in found.cells] == [("y = 1\n\nz = y", 11)]
    assert found.left_out == {"pytorch": 1}


CODE = st.sampled_from(
    [
        "x = 1",
        "x = [1,\n     2]\n\n# what it is\ny = x",
        "def f(a):\n    # a comment\n\n    b = a\n\n    return b",
        "s = '''\n\n54321\n\n# A\n'''",
        "import math\n%matplotlib inline\n\nmath.tau",
        "import math\n\nfor i in range(3):\n    print(i)\n\n    print(math.pi % i)",
        "print('远山')",
        "with open('a') as f:\n    f.read()\n\nf.close()",
        "if 1:\n    x = 1\n\nelse:\n    x = 2\n\nx, x",
    ]
)
OUTPUTS = st.sampled_from(
    [
        "1",
        "[1, 2]",
        "(7, (3, 999))",
        "远山有一条小路\n我们",
        "size: 3",
        "vocab size: 1234",
        "[[1. 2.]\n [3. 4.]]",
        "\n\n<NDArray 2>\n",
    ]
)
PROSE = st.sampled_from(["# 标题", "看看`x`", "这是句子。", "* a\n* b", "Now we train it again:", "![](a.png)\n\nmore"])
SHOWN = ("math.tau", ")", "x, x")


@pytest.mark.slow
@settings(max_examples=50)
@given(st.lists(st.tuples(CODE, st.lists(OUTPUTS, max_size=3), st.lists(PROSE, max_size=2))))
def test_what_is_exported_runs_as_it_did(written):
    text, expected = "Start.\n\n", ["Start."]
    for number, (source, outputs, texts) in enumerate(written):
        outputs = outputs if source.endswith(SHOWN) else []
        text += f"In [{number}]:\n{source}\n\n" + "".join(f"{part}\n\n" for part in [*outputs, *texts])
        expected.extend([source, "\n\n".join(texts)])
    found = read_exported(text).cells
    assert [cell.source for cell in found] == [part for part in expected if part]
    for cell in found:
        assert text.split("\n")[cell.line - 1] == cell.source.split("\n")[0]
        assert cell.doubt == ""
