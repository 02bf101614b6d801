"""The book's marks made plain."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gluonrnn.rerun.prose import anchor, headings_of, readable


def notebook(*sources):
    return {"cells": [{"cell_type": "markdown", "source": source} for source in sources]}


def test_marks():
    for prose, shown in [
        ("# Cells\n:label:`sec_cells`\n\nText", "# Cells\n\nText"),
        ("## Cells :label:`sec_cells`", "## Cells "),
        ("![](a.svg)\n:width:`400px`\n:label:`fig_a`\n\nText", "![](a.svg)\n\nText"),
        (":begin_tab:`mxnet, pytorch`\nText\n:end_tab:\n", "Text\n"),
        (":bibliography:`../refs.bib`", ""),
        ("see :numref:`sec_cells`,", "see [Two *cells*](#two-cells),"),
        ("see :numref:`sec_rnn-scratch`,", "see *rnn scratch*,"),
        ("see :numref:`sec`,", "see *sec*,"),
        ("by :eqref:`eq_h` and :eqref:`eq_o`", "by [(3)](#eq-3) and *o*"),
        ("so :cite:`Li.Zhang.2019` said", "so (Li, Zhang, 2019) said"),
        ("so :citep:`Li.ea.2019b,Wu.2001` said", "so (Li et al., 2019b; Wu, 2001) said"),
        ("so :citet:`Li.ea.2019,\nWu.2001` said", "so Li et al. (2019); Wu (2001) said"),
        ("[**Now**] (**then\nagain**), [~~never~~] (~~ever~~)", "**Now** **then\nagain**, never ever"),
        ("[**bold**](page.md) and (**a** or **b**)", "[**bold**](page.md) and (**a** or **b**)"),
        ("[** no mark **] and [**\n\n**]", "[** no mark **] and [**\n\n**]"),
        ("[**one**](**two**)", "**one****two**"),
        ("$$h$$\n:eqlabel:`eq_h`\n\nText", "$$h \\tag{3}$$\n\nText"),
        ("\\begin{align}h\\end{align} :eqlabel:`eq_h`", "$$\\begin{align}h\\end{align} \\tag{3}$$"),
        ("中文，\n接着\n   写 and\nmore", "中文，接着写 and\nmore"),
        ("# 标题\n正文", "# 标题\n正文"),
        ("从[**头**]写", "从**头**写"),
        ("先[**写“引号”**]再", "先<strong>写“引号”</strong>再"),
        ("先[**写`x`**]再", "先<strong>写`x`</strong>再"),
        ("先**（一）**，", "先<strong>（一）</strong>，"),
        ("**完。**\n再", "<strong>完。</strong>再"),
        ("\\`[**now**]\\`", "\\`**now**\\`"),
        ("keep \ue0000\ue001 and `x`", "keep \ue0000\ue001 and `x`"),
        ("", ""),
    ]:
        assert readable(prose, {"sec_cells": "Two *cells*", "eq_h": "(3)"}) == shown


MARKS = ":numref:`sec_x` [**bold**] :label:`sec_x`"


def test_what_stays():
    for whole in [
        "`` :numref:`x` [**a**] ``",
        "$[**a**]$",
        "$$[**a**]\n\n(~~b~~)$$",
        "\\begin{aligned}[**a**]\\end{aligned}",
        f"```python\n{MARKS}\n中\n文\n```",
        f"~~~\n{MARKS}\n```\n{MARKS}\n~~~~",
        f"```\n{MARKS} without an end",
        "\\[**not a mark**\\]",
        "a  b\n\n\n* c\n",
    ]:
        assert readable(whole, {"sec_x": "X"}) == whole


def test_a_dollar_that_is_escaped_begins_no_formula():
    assert readable("\\$5 [**and**] \\$6", {}) == "\\$5 **and** \\$6"


@given(st.text("ab `*~[]()$#\n:中。\\"), st.text("a`:*[中\n"))
def test_code_stays_as_it_is(code, before):
    fence = "`" * (1 + max(3, *map(len, re.findall("`+", code)), 3))
    block = f"{fence}\n{code}\n{fence}\n"
    shown = readable(f"{before.replace('`', '').replace(':', '')}\n{block}", {})
    assert shown.endswith(block)


@given(st.text("ab中。 \n-"))
def test_prose_without_marks_keeps_its_characters(prose):
    assert re.sub(r"\s", "", readable(prose, {})) == re.sub(r"\s", "", prose)


@given(st.lists(st.sampled_from([*"`*~[]()$#\n:_\\中。 a", "label:`", "numref:`", "\\begin{a}", "\\end{a}", "\ue000"])))
def test_nothing_is_too_odd_to_be_shown(pieces):
    prose = "".join(pieces)
    labels = headings_of(notebook(prose))
    assert isinstance(readable(prose, labels), str)


def test_labels_of_headings_figures_and_formulas():
    cells = notebook(
        "# [**A `cell`**] of [words](w.md) #\n:label:`sec_a`\n\n$$a$$ :eqlabel:`eq_a`",
        "```\n# Comment\n:label:`sec_code`\n```\n\n![Its gates.](g.svg)\n:width:`9px`\n:label:`fig_g`",
        "$$b$$\n:eqlabel:`eq_b`\n\n## **裁剪**\n\n:label:`sec_b`",
        "No heading\n:label:`sec_none`",
    )
    cells["cells"].append({"cell_type": "code", "source": "# T\n:label:`sec_t`"})
    assert headings_of(cells) == {
        "sec_a": "A `cell` of words",
        "eq_a": "(1)",
        "fig_g": "Its gates",
        "eq_b": "(2)",
        "sec_b": "裁剪",
    }


def test_anchors():
    for title, name in [
        ("A `Cell`, or $h$?", "a-cell-or-h"),
        ("困惑度（perplexity）", "困惑度-perplexity"),
        ("?", "section"),
    ]:
        assert anchor(title) == name
