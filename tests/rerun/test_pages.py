"""The page and the notebook that an executed document is written to."""

from __future__ import annotations

import base64
import datetime
import json
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from gluonrnn.rerun.pages import page_name, to_html, to_notebook

PNG = base64.b64encode(b"\x89PNG, more or less").decode()
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0"/></svg>'


def notebook(*cells):
    """A notebook: prose from strings, and code from (source, output, ...)."""
    return new_notebook(
        cells=[
            new_markdown_cell(cell) if isinstance(cell, str) else new_code_cell(cell[0], outputs=list(cell[1:]))
            for cell in cells
        ]
    )


def page(*cells, folder=".", **facts):
    return BeautifulSoup(to_html(notebook(*cells), facts, folder=folder), "html.parser")


def shown(data, **metadata):
    return new_output("display_data", data, metadata=metadata)


def printed(text, name="stdout"):
    return new_output("stream", name=name, text=text)


FAILURE = new_output(
    "error",
    ename="ValueError",
    evalue="no <cell>\nat all",
    traceback=["\x1b[0;31mValueError\x1b[0m: no <cell>", "\x1b[1mat all"],
)


def test_names():
    for document, to, name in [("a/rnn.md", "html", "rnn.html"), (Path("000_e2.v1.txt"), "ipynb", "000_e2.v1.ipynb")]:
        assert page_name(document, to) == name


def test_an_ending_that_is_not_known():
    with pytest.raises(ValueError, match="written as html or ipynb, but to is 'pdf': choose one of them"):
        page_name("rnn.md", "pdf")


class TestNotebook:
    def test_it_is_valid_and_for_any_jupyter(self):
        prose = "# [**Cells**]\n:label:`sec_cells`\n"
        given = notebook(prose, ("1 + 1", printed("2")))
        given.metadata["kernelspec"] = {"name": "conda-mxnet", "display_name": "MXNet"}
        before = json.dumps(given)
        text = to_notebook(given, {"edition": "d2l", "date": datetime.date(2019, 5, 1), "notes": ["none"]})
        written = nbformat.reads(text, as_version=4)
        nbformat.validate(written)
        assert (written.nbformat, written.nbformat_minor) == (4, 5)
        assert written.cells[0].source == prose
        assert written.cells[1].outputs[0].text == "2"
        assert written.metadata.kernelspec.display_name == "Python 3"
        assert written.metadata.language_info.name == "python"
        assert written.metadata.gluonrnn == {"edition": "d2l", "date": "2019-05-01", "notes": ["none"]}
        assert text.endswith("}\n")
        assert json.dumps(given) == before

    def test_each_cell_gets_a_name_of_its_own(self):
        given = notebook("a", "b", "c", "d")
        given.nbformat_minor = 2
        del given.cells[0]["id"]
        given.cells[2]["id"] = given.cells[3]["id"] = "twice"
        written = nbformat.reads(to_notebook(given, {}), as_version=4)
        names = [cell.id for cell in written.cells]
        assert len(set(names)) == 4
        assert names[1:3] == [given.cells[1].id, "twice"]

    def test_what_was_printed_in_pieces_is_joined_and_kept_as_it_is(self):
        pieces = [
            printed("a\r"),
            printed("b\n"),
            printed("c", "stderr"),
            printed("d"),
            shown({"text/x-own": "e"}),
            printed("f"),
        ]
        written = nbformat.reads(to_notebook(notebook(("x", *pieces)), {}), as_version=4)
        [cell] = written.cells
        texts = [(output.get("name"), output.get("text")) for output in cell.outputs]
        assert texts == [("stdout", "a\rb\n"), ("stderr", "c"), ("stdout", "d"), (None, None), ("stdout", "f")]


class TestHead:
    def test_the_first_heading_is_the_title(self):
        made = page("Before.\n\n# 困惑度 of $\\mathbf{x} < y$, `a<b>` and [more](mlp.md)", "# Next & last")
        assert made.title.string == "困惑度 of 𝐱<y, a<b> and more"
        assert made.h1.math
        assert made.h1.code.string == "a<b>"
        assert made.find("a", string="more") is None
        assert [heading.get_text() for heading in made("h1")][1:] == ["Next & last"]
        assert made.main.p.string == "Before."

    def test_a_smaller_first_heading_stays_in_its_place_too(self):
        made = page(("1",), "## Part")
        assert (made.title.string, made.h2.string) == ("Part", "Part")

    def test_without_a_heading_it_is_the_file(self):
        made = page(("1 + 1",), document="<b>&.md")
        assert made.title.string == made.h1.string == "<b>&.md"
        assert page().title.string == "gluonrnn"

    def test_facts(self):
        made = page(
            "# A",
            edition="<d2l>",
            version="1.2.3",
            document="a.md",
            seconds=203.4,
            date="2019-05-01",
            notes=["line 3 <was> skipped", "two"],
        )
        facts = [fact.string for fact in made.header.find(class_="facts")("span")]
        assert facts == ["2019-05-01", "ran for 3 min 23 s", "edition <d2l>", "gluonrnn 1.2.3", "a.md"]
        assert [note.string for note in made.header(class_="notes")[0]("li")] == ["line 3 <was> skipped", "two"]

    def test_facts_that_are_not_given_are_not_shown(self):
        made = page("# A")
        assert [fact.string.strip() for fact in made.header("span")] == [str(datetime.date.today()), "gluonrnn"]
        assert made.find(class_="notes") is None

    def test_durations(self):
        for seconds, duration in [(0.04, "0.0 s"), (59.6, "1 min 0 s"), (7500, "2 h 5 min")]:
            assert f"ran for {duration}" in page("# A", seconds=seconds).header.get_text()

    def test_language(self):
        chinese = page("# 裁剪梯度\n\n我们 clip the gradient。", "## 一", "## 二", "## 三", "## 四", seconds=1)
        assert chinese.html["lang"] == "zh"
        assert "目录" in chinese.nav.get_text()
        assert "运行用时 1.0 s" in chinese.header.get_text()
        assert page("# Clipping\n\nWe say 裁剪 in Chinese.").html["lang"] == "en"

    def test_contents(self):
        parts = ["# A", "## One `x` [link](http://example.org)", "### Two", "## Two", "## 三"]
        links = page(*parts).nav("a")
        assert [link.get_text() for link in links] == ["One x link", "Two", "Two", "三"]
        assert len({link["href"] for link in links}) == 4
        assert all(link["href"].startswith("#") for link in links)
        assert page(*parts[:-1]).nav is None

    def test_links_within_the_page_lead_somewhere(self):
        made = page(
            "# Top $h$\n:label:`sec_top`\n\n$$h$$ :eqlabel:`eq_h`\n\n![A *gate* $\\mathbf{R}$.](g.svg)\n:label:`fig_g`",
            ("1 / 0", FAILURE),
            ":numref:`sec_top` :numref:`sec_sub` :numref:`fig_g` :eqref:`eq_h`",
            "## Sub\n:label:`sec_sub`\n\n## b\n\n## c\n\n## d",
        )
        links = {link["href"][1:] for link in made("a")}
        assert len(links) == 9 - 1
        assert links <= {element["id"] for element in made(id=True)}
        assert made.find(class_="number").string == "(1)"


class TestBody:
    def test_the_page_needs_nothing_else(self):
        text = to_html(
            notebook(
                "# A\n\n$$h$$\n\n![](http://example.org/far.png)", ("f(1)", shown({"image/svg+xml": SVG}), FAILURE)
            ),
            {},
            folder=".",
        )
        made = BeautifulSoup(text, "html.parser")
        assert not made(["script", "link", "iframe", "object"])
        assert all(image["src"].startswith("data:") for image in made("img"))
        assert "@import" not in text
        assert "url(" not in made.style.string
        assert made.find("math", display="block")

    def test_the_notebook_stays_as_it_was(self):
        given = notebook("# [**A**]", ("1", printed("a\r"), printed("b")))
        before = json.dumps(given)
        to_html(given, {"notes": []}, folder=".")
        assert json.dumps(given) == before

    def test_code_is_coloured_and_numbered_as_code_cells_are(self):
        made = page(("import os",), "Prose", ("%matplotlib inline\nx < 1 # 中",))
        inputs = made(class_="input")
        assert [cell["data-number"] for cell in inputs] == ["1", "2"]
        assert [cell["id"] for cell in made(class_="cell")] == ["cell-1", "cell-2"]
        assert inputs[0].find(class_="kn").string == "import"
        assert inputs[1].get_text().strip() == "%matplotlib inline\nx < 1 # 中"
        assert ".highlight .kn" in made.style.string
        assert "prefers-color-scheme: dark" in made.style.string

    def test_what_was_printed_is_joined_as_a_terminal_shows_it(self):
        bar = printed(" 10%|#  |\r 99%|## |\r", "stderr")
        made = page(
            ("f()", printed("a < "), printed("b\n"), bar, printed("100%|###|\nend\r\n", "stderr"), printed("c\r"))
        )
        outputs = [(output["class"][1], output.string) for output in made("pre", class_="output")]
        assert outputs == [("stdout", "a < b\n"), ("stderr", "100%|###|\nend\n"), ("stdout", "c")]

    def test_a_result_as_text(self):
        result = new_output("execute_result", {"text/plain": "<NDArray 2x3>"}, execution_count=1)
        assert page(("x", result)).find(class_="result").string == "<NDArray 2x3>"

    def test_pictures(self):
        made = page(
            ("1", shown({"image/svg+xml": SVG, "text/plain": "<Figure>", "image/png": PNG})),
            ("2", shown({"image/png": f"{PNG[:8]}\n{PNG[8:]}\n"}, **{"image/png": {"width": 90}})),
            ("3", shown({"image/jpeg": PNG})),
        )
        svg, png, jpeg = made("img")
        assert svg["alt"] == "<Figure>"
        assert base64.b64decode(svg["src"].split("base64,")[1]).decode() == SVG
        assert (png["src"], png["width"], png["alt"]) == (f"data:image/png;base64,{PNG}", "90", "")
        assert jpeg["src"] == f"data:image/jpeg;base64,{PNG}"

    def test_tables_markdown_and_formulas_as_outputs(self):
        made = page(
            ("1", shown({"text/html": "<table><tr><td>7</td></tr></table>", "text/plain": "no"})),
            ("2", shown({"text/markdown": "**bold** $x$"})),
            ("3", shown({"text/latex": "$\\mathbf{x}$", "image/png": PNG})),
        )
        table, bold, latex = made(class_="html")
        assert table.td.string == "7"
        assert (bold.strong.string, bold.mi.string) == ("bold", "x")
        assert latex.mi.string == "𝐱"

    def test_what_needs_a_script_is_left_out(self):
        view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/plain": "bar"}
        script = {"application/javascript": "alert()"}
        made = page(("1", shown(script)), ("2", shown(view)), ("3", shown({**script, "text/plain": "plain"})))
        assert [output.string for output in made(class_="output")] == ["bar", "plain"]

    def test_an_error_is_coloured_and_announced(self):
        made = page(("1",), "Prose", ("f()", FAILURE), ("g()", FAILURE))
        error = made.find(class_="error")
        assert error.get_text() == "ValueError: no <cell>\nat all"
        assert error.find(class_="ansi-red-fg").string == "ValueError"
        announced = made.header("li")
        assert announced[0].get_text(" ", strip=True) == "Cell 2 stopped with ValueError: no <cell>"
        assert [line.a["href"] for line in announced] == ["#cell-2", "#cell-3"]

    def test_cells_need_no_names(self):
        given = notebook("Prose")
        del given.cells[0]["id"]
        assert "Prose" in to_html(given, {}, folder=".")

    def test_raw_cells_are_no_prose(self):
        given = notebook("a")
        given.cells.append(new_raw_cell("raw", metadata={"raw_mimetype": "text/restructuredtext"}))
        assert "raw" not in BeautifulSoup(to_html(given, {}, folder="."), "html.parser").main.get_text()


class TestProse:
    def test_pictures_beside_the_document(self, tmp_path):
        (tmp_path / "img").mkdir()
        (tmp_path / "img" / "a gate.svg").write_text(SVG)
        (tmp_path / "chapter").mkdir()
        made = page(
            '![A $\\mathbf{R}$ & gate.](../img/a%20gate.svg)\n\n<img src="../img/a gate.svg?x" width="90">',
            folder=tmp_path / "chapter",
        )
        first, second = made("img")
        assert first["src"] == second["src"] == "data:image/svg+xml;base64," + base64.b64encode(SVG.encode()).decode()
        assert first["alt"] == "A 𝐑 & gate."
        assert made.figure.figcaption.math["alttext"] == r"\mathbf{R}"
        assert second["width"] == "90"

    def test_pictures_that_are_not_there(self, tmp_path):
        (tmp_path / "secret.txt").write_text("secret")
        long = "x" * 300 + ".png"
        there = ["../img/rnn.svg", "secret.txt", "http://example.org/far.svg", "attachment:a.png", long]
        made = page(*(f"![A *gate*]({each})\n\nand ![in line]({each}) here" for each in there), folder=tmp_path)
        assert not made("img")
        for figure in made("figure"):
            assert figure["class"] == ["missing"]
            assert figure.figcaption.get_text() == "A gate"
        names = ["rnn.svg", "secret.txt", "far.svg", "attachment:a.png", long]
        assert [note.string for note in made("small")] == [name for name in names for _ in range(2)]

    def test_pictures_in_the_document_itself(self):
        given = notebook("![](attachment:a%20b.png)", "![](data:image/png;base64,AAAA)")
        given.cells[0]["attachments"] = {"a b.png": {"image/png": PNG}}
        made = BeautifulSoup(to_html(given, {}, folder="."), "html.parser")
        assert [image["src"] for image in made("img")] == [f"data:image/png;base64,{PNG}", "data:image/png;base64,AAAA"]
        assert not made("figcaption")

    def test_links_to_other_files_are_text(self):
        made = page("[there](../mlp.md#x) [far](https://example.org/a) [mail](mailto:a@b) [here](#a)")
        assert [link.string for link in made.main("a")] == ["far", "mail", "here"]
        assert made.find(class_="elsewhere")["title"] == "../mlp.md#x"

    def test_formulas_and_marks(self):
        made = page("[**Now**] $x$:\n\n$$\n\\begin{aligned}a &= b\\\\ c\n\n&= d\\end{aligned}\n$$\n\n$\\unheard$")
        assert made.strong.string == "Now"
        assert len(made("mtr")) == 2
        assert made.find(class_="tex").string == "\\unheard"

    def test_fenced_code_is_coloured(self):
        assert page("```python\nimport os\n```").main.find(class_="kn").string == "import"


@pytest.mark.parametrize("library", ["nbformat", "nbconvert", "latex2mathml"])
def test_a_library_that_is_missing_is_named(monkeypatch, library):
    given = notebook("a")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf"writing documents needs {library} .*pip install 'gluonrnn\[notebook\]'"):
        to_notebook(given, {}) if library == "nbformat" else to_html(given, {}, folder=".")
