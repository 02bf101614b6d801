"""The book's marks as plain Markdown, and formulas as MathML."""

from __future__ import annotations

import re
from xml.etree.ElementTree import fromstring

from hypothesis import given
from hypothesis import strategies as st

from gluonrnn.rerun.prose import anchor, formula, headings_of, readable


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


def shape(tex, display=False):
    """The formula's tags and texts, without attributes."""
    element = re.search("<math.*</math>", formula(tex, display))[0]
    return re.sub("<(/?[a-z]+)[^>]*>", r"<\1>", element).replace("<math>", "").replace("</math>", "")


def test_letters_and_signs():
    for tex, texts in [
        (r"\mathbf{X}_t \in \mathbb{R}^{n \times d}", "𝐗 t ∈ ℝ n × d"),
        (r"\boldsymbol{g} \boldsymbol{\theta} \boldsymbol{1}", "𝒈 𝜽 𝟏"),
        (r"\|\mathbf{g}\| / |x|", "‖ 𝐠 ‖ / | x |"),
        (r"\text{a \#1 in } x", "a\xa0#1\xa0in\xa0 x"),
        (r"\odot \partial \sim \nabla", "⊙ ∂ ∼ ∇"),
        (r"\hat{y} + \tilde{c} + \bar{x}", "y ˆ + c ˜ + x ¯"),
        (r"\mathrm{MLP}(x)", "MLP ( x )"),
        (r"a < b > \texttt{<bos>}", "a < b > <bos>"),
        (r"f(x; \theta) := \langle x \rangle", "f ( x ; θ ) : = ⟨ x ⟩"),
        (r"\label{a} x \nonumber", "x"),
        (r"\bm{x} \stackrel{\mathrm{def}}{=} \arg", "𝒙 = def arg"),
        ("损失", "损 失"),
    ]:
        root = fromstring(formula(tex))
        assert " ".join(text for text in root.itertext()) == texts
        assert root.get("alttext") == " ".join(tex.split())
        assert 'mathvariant="bold' not in formula(tex)  # browsers know no such thing


def test_lines_that_are_aligned():
    for tex in [
        *(r"\begin{aligned}a &= b\\ c &= d\end{aligned}", r"\begin{split}a &= b\\ c &= d\end{split}"),
        *(r"\begin{align}a &= b\\ c &= d\end{align}", r"\begin{eqnarray}a &=& b\\ c &=& d\end{eqnarray}"),
    ]:
        rows = fromstring(re.search("<math.*</math>", formula(tex, display=True))[0]).findall(".//mtr")
        assert [["".join(cell.itertext()) for cell in row] for row in rows] == [["a", "=b"], ["c", "=d"]]


def test_bars_and_strokes_are_no_relations():
    signs = [sign for sign in fromstring(formula("|x| / y = z")).iter("mo") if sign.get("lspace") == "0em"]
    assert [sign.text for sign in signs] == ["|", "|", "/"]


def test_cases_and_breaks():
    assert shape(r"\begin{cases}1 & \text{if } x\\0\end{cases}").count("<mtr>") == 2
    assert shape(r"\begin{gather}a\\b\end{gather}", display=True).count("<mtr>") == 2
    assert shape(r"a\\b", display=True).count("<mtr>") == 2


def test_limits_are_below_where_there_is_room():
    assert shape(r"\sum_{t=1}^T x", display=True).startswith("<mrow><munderover><mo>∑")
    assert "<munderover><mo>∏" in shape(r"\left(\prod_{t=1}^T x\right)", display=True)
    assert "<munder><mi>max</mi><mi>i</mi></munder>" in shape(r"\max_i x", display=True)
    assert "<munder><mi>argmax</mi>" in shape(r"\operatorname*{argmax}_{y} P", display=True)
    assert re.search("<munder>(<mrow>)?<mi>argmax</mi>", shape(r"\mathop{\mathrm{argmax}}_{y} P", display=True))
    assert "<munder><mi>arg</mi>" not in shape(r"\arg\max_i x", display=True)
    assert shape(r"\sum_{t=1}^T x").startswith("<mrow><msubsup>")
    assert "<msub><mi>max</mi>" in shape(r"\max_i x")
    assert "<msub><mi>x</mi>" in shape("x_i", display=True)


def test_functions_are_set_apart():
    for tex, spaces in [
        (r"\log x", 1),
        (r"\log(x)", 0),
        (r"x \log y", 2),
        (r"- \exp\left(x\right)", 0),
        (r"\log_2 n", 1),
        (r"\tanh", 0),
    ]:
        assert shape(tex).count("<mspace>") == spaces


def test_what_cannot_be_converted_is_shown_as_it_is_written():
    for tex in [r"\frac{", r"\unheard{x}", "a & b", r"\left( x", "", r"\middle|"]:
        assert formula(tex) == f'<code class="tex">{tex.replace("&", "&amp;")}</code>'


def test_a_displayed_formula_may_be_numbered():
    numbered = fromstring(formula(r"h \tag{12}", display=True))
    assert (numbered.get("id"), numbered[1].text, numbered[1].get("class")) == ("eq-12", "(12)", "number")
    assert formula(r"h \tag{12}") == formula("h")
    assert formula(r"\unheard{x} \tag{2}", display=True).startswith('<span class="formula" id="eq-2"><code')


COMMANDS = r"""\frac{a}{b} \left( \right) \mathrm \mathbf{ \text{ \sum \log \hat \mathop{ \| \tag{ \not \boldsymbol{
\operatorname{x} \begin{aligned} \end{aligned} \\"""
TEX = [*"ab1_^{}&|'<>%$", *re.split(r"\s", COMMANDS)]


@given(st.lists(st.sampled_from(TEX), max_size=12), st.booleans())
def test_any_formula_becomes_well_formed(pieces, display):
    fromstring(formula(" ".join(pieces), display))
