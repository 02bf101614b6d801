"""Documents in every form, told apart by what they hold, and files that are none."""

from __future__ import annotations

import json
import sys
from itertools import product
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluonrnn.rerun.reading import read_document

CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}


def write(content, name="chapter.md"):
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    Path(name).write_bytes(content)
    return name


def read(content, name="chapter.md"):
    return read_document(write(content, name))


def cells(document):
    return [(cell.kind, cell.source, cell.line) for cell in document.cells]


def notebook(*sources, version=4, minor=2, **metadata):
    """Return a notebook of code cells, as the text of its file."""
    return json.dumps(
        {
            "nbformat": version,
            "nbformat_minor": minor,
            "metadata": metadata,
            "cells": [{**CELL, "source": source} if isinstance(source, (str, list)) else source for source in sources],
        }
    )


def markdown(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


FORMS = {
    "markdown": "# A\n\n```{.python .input}\n1 + 1\n```\n",
    "exported": "# A\n\nIn [1]:\n1 + 1\n\n2\n",
    "notebook": notebook(markdown("# A"), "1 + 1"),
    "script": "# # A\n\n# In[1]:\n\n\nprint(1 + 1)",
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_are_told_apart_by_content(form):
    for prefix, name in product(("", "\ufeff"), ("a.md", "a.ipynb", "a.py", "一")):
        document = read(prefix + FORMS[form], name)
        assert document.form == form
        assert document.path == Path(name)
        assert [(cell.kind, cell.source) for cell in document.cells] == [
            ("prose", "# A"),
            ("code", "print(1 + 1)" if form == "script" else "1 + 1"),
        ]
        assert document.left_out == {}


def test_mixed_forms():
    for text, form in [
        ("In [1]:\n\n```python\nx = 1\n```\n", "markdown"),
        ("In [1]:\nx = 1\n\nSee:\n\n```python\ny\n```\n", "exported"),
        ("In [1]:\nx = 1\n\n```{.python .input}\ny\n```\n", "markdown"),
        ("```\nIn [1]:\nx\n```\n```python\ny\n```", "markdown"),
        ("In [1]: x = 1\nIn [2]: y = x", "exported"),
        ('"""\nIn [1]:\n```python\nx\n```\n"""\nx = 1', "script"),
        ("{'a': 1}\n\n```py\nx\n```", "markdown"),
        ("# In[1]:\n\n\nprint 'x'", "script"),
        ("# In[1]:\n```python\n#@tab jax\nx\n```", "markdown"),
    ]:
        assert read(text).form == form


def test_line_ends_of_other_systems():
    text = "# A\n\n```python\nx = 1\n\ny = 2\n```\n"
    expected = [("prose", "# A", 1), ("code", "x = 1\n\ny = 2", 4)]
    for end in ("\n", "\r\n", "\r"):
        assert cells(read(text.replace("\n", end))) == expected
    assert cells(read(notebook("x = 1\r\ny"))) == [("code", "x = 1\ny", 0)]


def test_a_notebook():
    document = read(
        notebook(
            markdown(["# A\n", "\n", "```python\n", "x\n", "```"]),
            markdown("a\n:begin_tab:`pytorch`\nb\n:end_tab:\n:begin_tab:`mxnet`\nc\n:end_tab:"),
            {"cell_type": "raw", "metadata": {}, "source": "d"},
            ["%%bash\n", "ls"],
            "",
            markdown(" \n"),
            "#@tab mxnet, jax\nx",
            "%%tab pytorch\ny",
            {**CELL, "metadata": {"tab": ["pytorch", "jax"]}, "source": "z"},
            {**CELL, "metadata": {"tab": "mxnet"}, "source": "w"},
            kernelspec={"name": "conda", "display_name": "a", "language": "python"},
            language_info={"name": "python"},
        )
    )
    assert [(cell.kind, cell.source.split()) for cell in document.cells] == [
        ("prose", ["#", "A", "```python", "x", "```", "a", "c", "d"]),
        ("code", ["%%bash", "ls"]),
        ("code", ["x"]),
        ("code", ["w"]),
    ]
    assert {cell.line for cell in document.cells} == {0}
    assert document.left_out == {"pytorch": 2, "jax": 1}


def test_older_notebooks():
    sheet = [
        {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["A"]},
        {"cell_type": "code", "collapsed": False, "input": ["x = 1\n", "x"], "metadata": {}, "outputs": []},
    ]
    text = json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": sheet}]})
    assert cells(read(text)) == [("prose", "## A", 0), ("code", "x = 1\nx", 0)]
    assert cells(read(notebook({**CELL, "source": "x", "id": "a"}, "y", minor=5))) == [
        ("code", "x", 0),
        ("code", "y", 0),
    ]


def test_a_notebook_says_that_it_is_python_as_it_likes():
    assert read("\n " + notebook("x", language_info={"name": "Python"})).form == "notebook"
    assert read(notebook("x", kernelspec={"name": "a"}, language_info=None)).form == "notebook"


def test_what_nbformat_writes_is_read():
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("a"), nbformat.v4.new_code_cell("b\n\nc")])
    assert cells(read(nbformat.writes(written))) == [("prose", "a", 0), ("code", "b\n\nc", 0)]


def test_damaged_and_foreign_notebooks():
    for text, message in [
        (notebook("x")[:-3], r"chapter.md is damaged at line 1, column \d+ .*: get it anew"),
        ('{"a": [1]}', "the JSON in chapter.md has none"),
        (notebook("x", version=99), r"it cannot read chapter.md \(.*99.*\): save it in Jupyter"),
        (notebook({"cell_type": "code", "metadata": {}}), "it cannot read chapter.md"),
        ('{"cells": {"a": 1}, "nbformat": 4}', "it cannot read chapter.md"),
        (notebook("x", language_info={"name": "R"}), "chapter.md is written in R: choose another"),
        (notebook(markdown("# A")), "no Python was found in chapter.md"),
    ]:
        with pytest.raises(ValueError, match=message):
            read(text)


def test_a_notebook_without_nbformat(monkeypatch):
    write(FORMS["notebook"], "a.ipynb")
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(ImportError, match=r"takes nbformat, .* and a.ipynb is one: pip install 'gluonrnn\[notebook\]'"):
        read_document("a.ipynb")
    assert read(FORMS["markdown"]).form == "markdown"


def test_text_without_code():
    for text in [
        *("Only prose.\n\nSo it is.", "    # Only\n    # Comments", "```{.python .input}\n\n```"),
        *("In [1]:\n\n* a", "<html>\n<body>In [1]: x</body>", "[1, 2]"),
    ]:
        with pytest.raises(ValueError, match=r"no Python was found in chapter\.md: what is read is "):
            read(text)


def test_a_chapter_of_prose_has_no_code():
    for text in ("# Only prose\n\nSo it is.", "So it is.\n\n## Further down\n\n$$h_t$$\n"):
        document = read(text)
        assert (document.form, document.code) == ("markdown", [])
        assert document.cells[0].source == text.strip()


def test_a_document_for_other_frameworks_has_no_code():
    document = read("# A\n\n```{.python .input}\n#@tab pytorch, jax\nx\n```\n")
    assert document.code == []
    assert document.left_out == {"pytorch": 1, "jax": 1}


def test_chinese_files_of_old():
    text = "# 循环神经网络\n\n一个句子。\n\n```python\nprint('远山')\n```\n"
    expected = [("prose", "# 循环神经网络\n\n一个句子。", 1), ("code", "print('远山')", 6)]
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "gb2312"):
        assert cells(read(text.encode(encoding))) == expected


def test_what_is_no_text():
    for content, words in [
        ("```python\n'caf\u00e9'\n```".encode("latin-1"), "byte 0xe9 at offset 14 of chapter.md .*: save it in UTF-8"),
        ("# 循环神经网络\n".encode() + b"\xff```", "byte 0xff at offset 21 of chapter.md"),
        ("循环神经网络".encode()[:-1] + b"\n\n```python\nx\n```", "byte 0xe7 at offset 15 of chapter.md"),
        (b"\x89PNG\r\n\x1a\n\0\0", "null byte at offset 8 of chapter.md: save it as text"),
        ("x = 1".encode("utf-16"), "null byte at offset 3 of chapter.md"),
        (b"", "chapter.md is empty: check that it was saved"),
        (b"\xef\xbb\xbf \n\t\r\n", "chapter.md is empty"),
    ]:
        with pytest.raises(ValueError, match=words):
            read(content)


def test_what_is_no_file():
    Path("folder.md").mkdir()
    with pytest.raises(IsADirectoryError, match=r"folder\.md is a folder: name the files in it"):
        read_document("folder.md")
    with pytest.raises(TypeError, match=r"but this is 3 \(int\): pass the file's name"):
        read_document(3)


@given(st.binary() | st.text(alphabet="ax1 \n`~{}.#@=:[]()\"'In%!?-，。字").map(str.encode))
def test_any_file_is_read_or_refused(content):
    write(content)
    try:
        document = read_document("chapter.md")
    except ValueError as error:
        document = None
        message = str(error)
    if document is None:
        assert "chapter.md" in message
        return
    assert document.code or document.left_out or b"#" in content  # a chapter of prose has a heading
    lines = content.decode("utf-8", "ignore").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert all(1 <= cell.line <= len(lines) for cell in document.cells)
