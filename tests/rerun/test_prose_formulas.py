"""The book's formulas in MathML."""

from __future__ import annotations

import re
from xml.etree.ElementTree import fromstring

from hypothesis import given
from hypothesis import strategies as st

from gluonrnn.rerun.prose import formula


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
