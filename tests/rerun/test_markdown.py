"""Markdown: fences however they are spelled, tabs, outputs, and what is no fence."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from gluonrnn.rerun.markdown import read_markdown


def cells(text):
    return [(cell.kind, cell.source, cell.line) for cell in read_markdown(text).cells]


def code(text):
    return [cell.source for cell in read_markdown(text).cells if cell.kind == "code"]


def doubts(text):
    return [cell.doubt for cell in read_markdown(text).cells if cell.kind == "code"]


PYTHON = """\
{.python .input  n=4} | {.python .input} | {.input .python} | {.python .input #sec attr="a .output } b"} | {.python}
{python} | python | py | Python | python3 | ipython3 | ipython | {.input} | {.Python .Input n=1} | python3.6
python {.input} | python{1,3-4} | python title="a" | python:a.py | python,ignore | {python, echo=FALSE} | {.python .x}
{ .python .input } | {.python .input | python {#a .b}"""
SPELLINGS = [spelling.strip() for spelling in PYTHON.replace("\n", "|").split("|")]


def test_every_spelling_of_a_fence_runs():
    for info, mark in product(SPELLINGS, ["```", "~~~~", "``` ", "  ```"]):
        text = f"Before.\n\n{mark}{info}  \nx = '''\n```'''\ny\n{mark}  \nAfter."
        assert cells(text) == [("prose", "Before.", 1), ("code", "x = '''\n```'''\ny", 4), ("prose", "After.", 8)]


def test_other_fences_stay_in_the_prose():
    for info in ["", "bash", "eval_rst", "{.bash .input}", "pycon", "python2", "text {python}"]:
        prose = f"a\n```{info}\nx = 1\n\n# y\n```\nb"
        assert cells(f"{prose}\n```python\nz\n```\n") == [("prose", prose, 1), ("code", "z", 9)]


def test_recorded_outputs_are_dropped():
    for info in ["{.json .output n=2}", "{.output}", "{.python .output}", "{ .output .text}", "output"]:
        text = f"```python\nx\n```\n\n```{info}\n[1]\n```\na\n~~~{info}\n```python\n~~~\nb"
        assert cells(text) == [("code", "x", 2), ("prose", "a\n\nb", 8)]


def test_where_there_are_inputs_nothing_else_runs():
    text = "```python\nx = 1\n```\n```{.python}\ny\n```\n```{.python .input}\nz\n```\n"
    assert cells(text) == [("prose", "```python\nx = 1\n```\n```{.python}\ny\n```", 1), ("code", "z", 8)]
    assert code(text.replace(" .input", "")) == ["x = 1", "y", "z"]
    assert code(text.replace("{.python .input}", "{.bash .input}")) == ["x = 1", "y"]


def test_a_fence_in_a_list_is_dedented():
    text = "- one\n\n    ```python\n    for x in y:\n        x\n\n    z\n    ```\n\n"
    text += "- ~~~py\n  x\n  ~~~\n1. ```py\n   y\n   ```\n"
    assert cells(text) == [
        ("prose", "- one", 1),
        ("code", "for x in y:\n    x\n\nz", 4),
        ("prose", "-", 10),
        ("code", "x", 11),
        ("prose", "1.", 13),
        ("code", "y", 14),
    ]


def test_code_loses_the_indentation_that_all_of_it_has():
    for opening, lines, expected in [
        ("", "  x\n    y\n\n  z", "x\n  y\n\nz"),
        ("", "    # a\ndef f():\n    x", "    # a\ndef f():\n    x"),
        ("    ", "def f():\n    x", "def f():\n    x"),  # though its fence is indented
        ("  ", "  x = '''\na\n  '''", "x = '''\na\n'''"),
        ("\t", "\tx\n\t\ty", "x\n\ty"),
        ("  ", "\n  ", None),
    ]:
        assert code(f"{opening}```python\n{lines}\n{opening}```") == [expected] * (expected is not None)


def test_a_longer_fence_holds_shorter_ones():
    text = "````markdown\n```python\nx\n```\n````\n````python\ny = '''\n```\n'''\n````"
    assert code(text) == ["y = '''\n```\n'''"]


def test_what_is_indented_within_a_fence_does_not_close_it():
    text = '```python\ndef f():\n    """\n    ```\n    x\n    ```\n    """\n   ```\na'
    assert code(text) == ['def f():\n    """\n    ```\n    x\n    ```\n    """']


def test_no_fences():
    assert code("```python x```\nA ```python``` in a line.\n``python\n> ```python\n> x\n> ```\n``````\n\n~~x~~") == []


def test_a_fence_in_a_comment_is_no_fence():
    text = "<!--\n```python\nx\n```\n-->\n```python\ny\n```\n"
    text += "<!-- more -->\n```python\nz\n```\n<!-- open\n```python\nw\n```\n"
    assert code(text) == ["y", "z", "w"]
    assert code("- a\n\n  <!--\n  ```python\n  x\n  ```\n  -->") == []
    assert code("```python\nx = '''\n<!--'''\n```\n```python\ny\n```\n-->") == ["x = '''\n<!--'''", "y"]


def test_a_fence_that_is_never_closed_is_doubted():
    text = "a\n```python\nx = 1\n\ny = 2\n"
    assert code(text) == ["x = 1\n\ny = 2"]
    assert doubts(text) == ["the fence that opens at line 2 is never closed"]
    assert cells("```python\nx\n```\n```bash\nls\n\n# b")[1:] == [("prose", "```bash\nls\n\n# b", 4)]


def test_a_fence_that_is_not_closed_ends_where_the_next_opens():
    text = "```{.python .input}\nx\n\nText.\n```{.python .input}\ny\n```\n```\n```{.python .input}\nz\n```\n"
    assert code(text) == ["x\n\nText.", "y", "z"]
    assert doubts(text) == [
        "the fence that opens at line 1 is never closed before the next one opens at line 5",
        "",
        "",
    ]


def test_a_plain_fence_that_is_not_python_is_doubted():
    text = "```python\n%pwd\nx = 1\n```\n```python\nx\n# gives\n5 6\n```"
    assert doubts(text)[0] == ""
    assert "does not parse as Python as a whole" in doubts(text)[1]
    assert doubts("```{.python .input}\n5 6\n```") == [""]


def test_tabs_choose_what_is_for_mxnet():
    text = "\n".join(
        f"```{{.python .input}}\n{tab}\nx = {number}\n```\n"
        for number, tab in enumerate(["", "#@tab all", "#@tab pytorch", "#@tab tensorflow, pytorch", "#@tab jax,mxnet"])
    )
    found = read_markdown(text)
    assert [(cell.source, cell.line) for cell in found.cells] == [("x = 0", 3), ("x = 1", 8), ("x = 4", 23)]
    assert found.left_out == {"pytorch": 2, "tensorflow": 1}


BLOCKS = """\
Start.

:begin_tab:`mxnet, pytorch`
For two.
```python
a
```
:end_tab:

:begin_tab:`pytorch`
For another.

```python
b
```
```python
#@tab mxnet
c
```
- ```python
  d
  ```
~~~bash
:end_tab:
~~~
:end_tab:
:begin_tab:toc
 - [a](a.ipynb)
:end_tab:
 :begin_tab:
For all.
:end_tab:
:begin_tab:`all`
```python
#@tab jax
e
```
:end_tab:
End.
"""


def test_blocks_of_tabs():
    found = read_markdown(BLOCKS)
    assert [cell.source for cell in found.cells if cell.kind == "code"] == ["a"]
    prose = [cell.source.split() for cell in found.cells if cell.kind == "prose"]
    assert prose == [["Start.", "For", "two."], ["For", "all.", "End."]]
    assert found.left_out == {"pytorch": 3, "jax": 1}


def test_a_block_of_tabs_that_does_not_end_leaves_nothing_out():
    text = ":begin_tab:`pytorch`\na\n\n:begin_tab:`jax`\nb\n:end_tab:\n\n"
    text += "c\n:end_tab:\nd\n:begin_tab:`jax`\n```python\nx\n```"
    assert [source.split() for _, source, _ in cells(text)] == [["a", "c", "d"], ["x"]]


def test_directives_for_display_stay():
    text = "# A\n:label:`sec_a`\n\nSee :numref:`sec_a`, [**this**] and (**that**).\n:width:`400px`"
    assert cells(text) == [("prose", text, 1)]


SOURCES = st.sampled_from(
    [
        "x = 1",
        "%matplotlib inline\nimport math",
        "def f():\n    return 1\n\n\ny = f()",
        "s = '''\n    ``\n'''",
        "# 中文。\nprint('远山')",
        "#@save\nx",
        "if x:\n\tpass  ",
        "z = '~~~'",
    ]
)
PROSE = st.sampled_from(
    ["# A", "One line.\nAnother one.", "* a\n* b", "```bash\nls\n```", "$$\nx\n$$", "一个句子。", "    x"]
)
CELL = st.tuples(st.just("code"), SOURCES) | st.tuples(st.just("prose"), PROSE)
FENCES = st.tuples(
    st.sampled_from(["```", "~~~", "````", "~~~~~~"]),
    st.sampled_from(["{.python .input  n=7}", "{.input .python}", "{.python .input #a b='c'}", "{.input}"]),
    st.sampled_from(["", "  ", "    "]),
)


@settings(max_examples=50)
@given(st.lists(st.tuples(CELL, FENCES, st.integers(0, 2))))
def test_what_is_written_is_read(written):
    expected, parts = [], []
    for (kind, source), (mark, info, indent), blank in written:
        if kind == "prose":
            parts.append(source)
        else:
            lines = [f"{mark}{info}", *source.split("\n"), mark]
            parts.append("\n".join(indent + line if line else line for line in lines))
            parts.append(f"{mark}{{.json .output n=7}}\n[]\n{mark}")
        parts.append("\n" * blank)
        if kind == "prose" and expected and expected[-1][0] == "prose":
            expected[-1] = ("prose", f"{expected[-1][1]}\n{source}")
        else:
            expected.append((kind, source))
    text = "\n".join(parts)
    found = read_markdown(text).cells
    lines = text.split("\n")

    def words(pairs):
        return [(kind, source if kind == "code" else source.split()) for kind, source in pairs]

    assert words((cell.kind, cell.source) for cell in found) == words(expected)
    for cell in found:
        assert lines[cell.line - 1].strip() == cell.source.split("\n")[0].strip()
        assert cell.doubt == ""
