"""The directive ``bad-inputs``: the tables that the tests hold the package to, room by room."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Callable

import tables
from docutils import nodes
from docutils.parsers.rst import Directive
from languages import untranslated

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "bad_inputs"
HEADINGS = ("call", "error", "its words")
BEFORE, TAKEN = "Before each call:", "taken"
WIDTHS = (40, 15, 45)

# What is said of the calls in other languages; the calls and the words of errors are the program's own.
CHINESE = {
    "call": "调用",
    "error": "错误",
    "its words": "错误信息",
    BEFORE: "每次调用之前：",
    TAKEN: "接受",
    # the titles of the rooms
    "Batches": "小批量",
    "Cells and their parameters": "循环单元及其参数",
    "Devices": "设备",
    "Documents and the machine": "文档与机器",
    "From sequence to sequence": "序列到序列",
    "Generation": "生成",
    "Library layers": "Gluon 自带的层",
    "Metrics": "度量",
    "Plots": "画图",
    "Texts and corpora": "文本与语料",
    "The command line": "命令行",
    "The editions of 2017 and spring 2018": "2017 年与 2018 年春季的版本",
    "The high-level API": "高层接口",
    "The hub, and loaders": "数据下载与加载函数",
    "Training": "训练",
    "Updates": "参数更新",
    "Vocabularies": "词典",
    # why a call is taken that looks wrong
    "a row of zeros, as in the book; trainers check the corpus": "得到一行零，与书中相同；训练函数会检查语料",
    "a string is a line of characters, as in the book": "字符串当作由字符组成的一行，与书中相同",
    "all of it": "取全部文本",
    "an unknown character becomes <unk>, as in the book": "未知字符当作 <unk>，与书中相同",
    "gradients are clipped where they are, whatever it is": "不管这个参数是什么，梯度都在其所在的设备上裁剪",
    "no batch, as in the book; a trainer refuses it": "没有小批量，与书中相同；训练函数会拒绝",
    "one character is a text": "一个字符也是文本",
    "one unknown token, as in the book": "当作一个未知词元，与书中相同",
    "steps of one example, as the early editions pass them": "当作一个样本的各时间步，早期版本就这样传入",
    "the CPU, as in the book": "使用 CPU，与书中相同",
    "the index of <unk>, as in the book": "返回 <unk> 的索引，与书中相同",
    "without a gradient it is frozen, and left as it is": "没有梯度的参数视为冻结，保持不变",
}


class BadInputs(Directive):
    """Show every room of the table as a section of the page."""

    def run(self) -> list[nodes.Node]:
        """Return the sections; the page is written anew where a room has changed."""
        spec = importlib.util.spec_from_file_location("gluonrnn_bad_inputs", FOLDER / "table.py")
        table: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        spec.loader.exec_module(table)  # type: ignore[union-attr]
        for path in (FOLDER / "table.py", *sorted(table.FOLDER.glob("*.txt"))):
            self.state.document.settings.env.note_dependency(str(path))
        return [_section(room, self._said) for room in table.ROOMS]

    def _said(self, words: str) -> str:
        """Return words of this page in its language, or as they are where that has none for them."""
        environment = self.state.document.settings.env
        if environment.config.language != "zh_CN":
            return words
        if words not in CHINESE:
            untranslated(environment, environment.docname).append(f"docs/_ext/bad_inputs.py: no Chinese for {words!r}")
        return CHINESE.get(words, words)


def _section(room: Any, said: Callable[[str], str]) -> nodes.section:
    section = nodes.section(ids=[f"bad-inputs-{room.name.replace('_', '-')}"], names=[room.title.lower()])
    section += nodes.title(text=said(room.title))
    if room.before:
        section += nodes.paragraph(text=said(BEFORE))
        section += nodes.literal_block(room.before, room.before, language="python")
    section += _table(room.entries, said)
    return section


def _table(entries: Any, said: Callable[[str], str]) -> nodes.table:
    rows = []
    for entry in entries:
        if entry.error:
            answer, words = nodes.literal(text=entry.error), _to_the_letter(entry.words)
        else:
            answer, words = nodes.Text(said(TAKEN)), nodes.Text(said(entry.words))
        rows.append([[nodes.literal(text=entry.call)], [answer], [words]])
    table = tables.table([said(heading) for heading in HEADINGS], rows, WIDTHS)
    table["classes"].append("bad-inputs")
    return table


def _to_the_letter(words: str) -> nodes.inline:
    """Return words whose quotation marks stay as they are."""
    return nodes.inline("", words, support_smartquotes=False)


def setup(app: Any) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive("bad-inputs", BadInputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
