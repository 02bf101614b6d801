"""What is edited before a document runs: epochs, and lines that install software."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gluonrnn
from gluonrnn import d2l
from gluonrnn.editions import utils_2017
from gluonrnn.rerun.edits import EPOCH_NAMES, lower_epochs, without_tools


def lowered(*sources, most=2, module=None):
    """Return the last cell, lowered."""
    return lower_epochs(sources, most, module)[0][-1]


def changes(*sources, most=2, module=None):
    return lower_epochs(sources, most, module)[1]


def test_numbers_are_lowered_where_they_are_given_to_a_name():
    for source, result in [
        ("num_epochs = 200", "num_epochs = 2"),
        ("num_epochs, num_steps, lr = 200, 35, 1e2", "num_epochs, num_steps, lr = 2, 35, 1e2"),
        ("(lr, [epochs, k]), pred_period = (1, [90, 8]), 50", "(lr, [epochs, k]), pred_period = (1, [2, 8]), 2"),
        ("epochs, *rest = 7, *range(8)", "epochs, *rest = 2, *range(8)"),
        ("*rest, epochs = 7, *range(8)", "*rest, epochs = 7, *range(8)"),
        ("num_epochs = pred_period = 200", "num_epochs = pred_period = 2"),
        ("num_epochs: int = 200", "num_epochs: int = 2"),
        ("self.num_epochs = 100", "self.num_epochs = 2"),
        ("print(MAX_EPOCHS := 100)", "print(MAX_EPOCHS := 2)"),
        ("train(epochs=200, pred_period=20, lr=30)", "train(epochs=2, pred_period=2, lr=30)"),
        ("{'nb_epoch': 100, **more, 'lr': 100, 1: 100}", "{'nb_epoch': 2, **more, 'lr': 100, 1: 100}"),
        (
            "def train(lr, epochs=9, *, k=9, log_interval=9, to): pass",
            "def train(lr, epochs=2, *, k=9, log_interval=2, to): pass",
        ),
        ("def train(epochs=9, /, k=9): pass", "def train(epochs=2, /, k=9): pass"),
        ("model.train = lambda epochs=9: 0", "model.train = lambda epochs=2: 0"),
        ("num_epochs = (1_000)", "num_epochs = (2)"),
        ("if True:\n    epochs = 9 # long\n", "if True:\n    epochs = 2 # long\n"),
        ("%matplotlib inline\nepochs = 9\n!ls", "%matplotlib inline\nepochs = 2\n!ls"),
        ("'周杰伦', train(epochs=9)  # 歌词", "'周杰伦', train(epochs=2)  # 歌词"),
        ("a = '\\d'; epochs = 9", "a = '\\d'; epochs = 2"),
        ("a = 1\r\nepochs = 9\r\nb = 9\r\n", "a = 1\r\nepochs = 2\r\nb = 9\r\n"),
        ("a = 1\r%time b\repochs = 9", "a = 1\r%time b\repochs = 2"),
        ("a = 1\n\fepochs = 9", "a = 1\n\fepochs = 2"),
        ("a = '\u2028'\nepochs = 9", "a = '\u2028'\nepochs = 2"),
    ]:
        assert lowered(source) == result


def test_all_else_is_left_as_it_is():
    for source in [
        *("num_epochs = 2e2", "num_epochs = True", "num_epochs = -200", "num_epochs = '200'"),
        *("num_epochs = 10 * 20", "num_epochs += 200", "epochs = [100, 200]", "some[epochs] = 200"),
        *("epoch_size, num_steps, batch_size = 100, 35, 32", "my_num_epochs = num_epochs_done = 100"),
        *("parser.add_argument('--epochs', default=200)", "f'{train(epochs=200)}'"),
        *("for epoch in range(2): pass", "for epoch in range(200, 3): pass"),
        *("for epoch in range(num_epochs + 200): pass", "for epoch in range(1, 200, 0): pass"),
        *("for epoch in range(-x, 200): pass", "for epoch in range(*bounds, 200): pass"),
        *("for epoch in range(): pass", "for epoch in range(1, 200, 1, 1): pass"),
        *("for epoch, e in range(200): pass", "print 'epochs', epochs = 200", "epochs = 200\0"),
        *("epochs = 200 '\ud800'",),
    ]:
        assert lower_epochs([source, source], 2) == ([source, source], [])


def test_a_loop_ends_after_as_many_rounds():
    for loop, result in [
        ("range(200)", "range(3)"),
        ("range(1, 200 + 1)", "range(1, 4)"),
        ("range(0, 201 - 1)", "range(0, 3)"),
        ("range(-5, 201)", "range(-5, -2)"),
        ("range(1, 200, 10)", "range(1, 31, 10)"),
        ("range(200, 0, -1)", "range(200, 197, -1)"),
        ("range(10, 199, 63)", "range(10, 199, 63)"),
        ("range(9, 199, 63)", "range(9, 198, 63)"),
    ]:
        for name in ("epoch", "e", "Epoch"):
            assert lowered(f"for {name} in {loop}: pass", most=3) == f"for {name} in {result}: pass"


TRAIN = "def train(net, num_epochs, lr): pass"


def test_arguments_by_position_are_known_from_the_nearest_definition():
    for sources, result in [
        ([TRAIN, "train(net, 5, 7)"], "train(net, 2, 7)"),
        ([TRAIN, "train(*both, 7)"], "train(*both, 7)"),
        ([TRAIN, "net.train(net, 5, 7)"], "net.train(net, 5, 7)"),
        (["train(net, 5, 7)", TRAIN, "0"], "0"),
        (["train = lambda epochs: 0", "train(5)"], "train(2)"),
        ([TRAIN, "def train(lr, num_epochs): pass", "train(5, 6)"], "train(5, 2)"),
        ([f"{TRAIN}\ndef train(lr): pass", "train(5, 6, 7)"], "train(5, 6, 7)"),
        ([TRAIN, "train(5, 6)\ndef train(num_epochs, lr): pass"], "train(5, 2)\ndef train(num_epochs, lr): pass"),
        (["def all():\n    train(5, 6)\n" + TRAIN], "def all():\n    train(5, 2)\n" + TRAIN),
        (["def train(k, epochs, /): pass", "train(5, 6)"], "train(5, 2)"),
        (["def train(k, *, epochs): pass", "train(5, 6)"], "train(5, 6)"),
    ]:
        assert lowered(*sources) == result


def test_a_definition_after_the_call_counts_in_its_own_cell_alone():
    call = "def all(): train(net, 5, 7)"
    assert lower_epochs([call, TRAIN], 2)[0] == [call, TRAIN]
    after = f"\n{TRAIN}\ndef train(lr): pass"
    assert lowered(call + after) == f"def all(): train(net, 2, 7){after}"


CLASS = """
class Trainer:
    def __init__(self, num_epochs, lr): pass
    def fit(self, net, epochs): pass
    @staticmethod
    def say(epochs): pass
"""


def test_methods_are_known_without_self():
    for call, result in [
        ("Trainer(5, 6)", "Trainer(2, 6)"),
        ("trainer.fit(5, 6)", "trainer.fit(5, 2)"),
        ("Trainer(1, 6).fit(5, 6)", "Trainer(1, 6).fit(5, 2)"),
        ("self.trainer.fit(5, 6)", "self.trainer.fit(5, 2)"),
        ("trainer.say(5)", "trainer.say(2)"),
        ("Trainer.fit(trainer, 5, 6)", "Trainer.fit(trainer, 5, 6)"),
        ("fit(5, 6)", "fit(5, 6)"),
        ("import gluon\ngluon.fit(5, 6)", "import gluon\ngluon.fit(5, 6)"),
        ("super().__init__(5, 6)", "super().__init__(5, 6)"),
    ]:
        assert lowered(CLASS, call) == result


def test_arguments_by_position_are_known_from_the_edition():
    for sources, module, result in [
        (["from d2l import mxnet as d2l", "d2l.train_ch8(5, 5, 5, 5, 5, 5)"], d2l, "d2l.train_ch8(5, 5, 5, 5, 2, 5)"),
        (["from d2l.mxnet import train_ch8 as go", "go(5, 5, 5, 5, 5)"], d2l, "go(5, 5, 5, 5, 2)"),
        (["from utils import *", "train_and_predict_rnn(5, 5, 5)"], utils_2017, "train_and_predict_rnn(5, 5, 2)"),
        (
            ["from utils import *\nfrom mine import train_and_predict_rnn", "train_and_predict_rnn(5, 5, 5)"],
            utils_2017,
            "train_and_predict_rnn(5, 5, 5)",
        ),
        (["from math import *", "train_and_predict_rnn(5, 5, 5)"], utils_2017, "train_and_predict_rnn(5, 5, 5)"),
        (["import d2l.mxnet", "d2l.mxnet.train_ch8(5, 5, 5, 5, 5)"], d2l, "d2l.mxnet.train_ch8(5, 5, 5, 5, 2)"),
        (["import d2lzh as d2l", "d2l.train_ch3(5, 5, 5, 5, 5)"], gluonrnn, "d2l.train_ch3(5, 5, 5, 5, 5)"),
        (["import d2l", "d2l.DATA_HUB(5)"], d2l, "d2l.DATA_HUB(5)"),
        (["import d2l", "d2l.train_ch8(5, 5, 5, 5, 5)"], None, "d2l.train_ch8(5, 5, 5, 5, 5)"),
        (
            ["from d2l import *", "def train_ch8(epochs): pass", "train_ch8(5, 5, 5, 5, 5)"],
            d2l,
            "train_ch8(2, 5, 5, 5, 5)",
        ),
        (["from d2l import *", "def train_ch8(): pass", "train_ch8(5, 5, 5, 5, 5)"], d2l, "train_ch8(5, 5, 5, 5, 5)"),
    ]:
        assert lowered(*sources, module=module) == result


def test_a_parameter_after_the_star_is_no_place_for_an_argument():
    library = type(d2l)("library")
    library.__all__ = ["go"]
    library.go = lambda lr, *more, epochs=9: 0
    assert lowered("import d2l\nd2l.go(5, 5, 5)", module=library) == "import d2l\nd2l.go(5, 5, 5)"


def test_what_was_changed_is_said_by_cell_and_line():
    sources = [
        "lr = 1",
        "# 周杰伦\nnum_epochs, pred_period = (\n    1_000,\n    50)\nfor epoch in range(1, 200 +\n    1): pass",
        "epochs = 300 this does not parse",
        "def train(num_epochs): pass\ntrain(0x10)",
    ]
    assert changes(*sources) == [
        "cell 2, line 3: num_epochs 1_000 -> 2",
        "cell 2, line 4: pred_period 50 -> 2",
        "cell 2, line 5: end of range for epoch 200 + 1 -> 3",
        "cell 4, line 2: num_epochs 0x10 -> 2",
    ]


def test_each_name_counts():
    for name in [
        *("num_epochs", "num_epoch", "epochs", "n_epochs", "max_epochs", "total_epochs", "nb_epoch", "nb_epochs"),
        *("pred_period", "print_period", "report_period", "display_period", "report_every", "print_every"),
        *("log_every", "log_interval", "Num_Epochs"),
    ]:
        assert lowered(f"{name} = 9") == f"{name} = 2"


def test_no_other_name_counts():
    for name in ["epoch", "period", "num_steps", "epoch_size", "epochs_", "e", "pred_len", "every"]:
        assert lowered(f"{name} = 9") == f"{name} = 9"


NAMES = ["num_epochs", "epochs", "pred_period", "lr", "num_steps", "batch_size"]
NUMBERS = st.one_of(
    st.integers(0, 10**4).map(str),
    st.integers(0, 300).map(hex),
    st.sampled_from(["1_000", "2e2", "1.5", "True", "'9'"]),
)


@st.composite
def lines(draw):
    """Draw a line of code that gives numbers to names, and keeps in `got` which."""
    given = draw(st.dictionaries(st.sampled_from(NAMES), NUMBERS, min_size=1))
    names, numbers = ", ".join(given), ", ".join(given.values())
    keywords = ", ".join(f"{name}={number}" for name, number in given.items())
    items = ", ".join(f"{name!r}: {number}" for name, number in given.items())
    start, step, rounds = draw(st.integers(0, 30)), draw(st.sampled_from([-7, -1, 1, 2])), draw(st.integers(0, 300))
    bounds = f"{start}, {start + rounds * step}, {step}"
    line = draw(
        st.sampled_from(
            [
                f"{names}, k = {numbers}, '词'; got.append(dict({', '.join(f'{name}={name}' for name in given)}))",
                f"'词'; [*k, {names}] = [1, 2, {numbers}]; got.append(dict(zip({list(given)}, [{names}])))",
                f"'词'; got.append(dict({keywords}))",
                f"got.append({{ {items} }})",
                f"got.append((lambda {keywords}: dict(locals()))())",
                f"def go({names}): got.append(dict(locals()))\ngo({numbers})",
                f"got.append(dict(rounds=0))\nfor epoch in range({bounds}): got[-1]['rounds'] += 1",
                f"got.append(dict(others=0))\nfor i in range({bounds}): got[-1]['others'] += 1",
            ]
        )
    )
    return line + draw(st.sampled_from(["", "  # epochs = 200", "  # 歌词"])) + draw(st.sampled_from(["\n", "\r\n"]))


CELLS = st.lists(st.lists(lines(), max_size=4).map("".join), max_size=3)
MOST = st.integers(1, 400)
few = settings(max_examples=25)  # what is drawn here takes its time


def ran(cells):
    got = []
    for cell in cells:
        exec(cell, {"got": got})
    return got


@few
@given(CELLS, MOST)
def test_it_runs_with_the_numbers_lowered_and_all_others_kept(cells, most):
    expected = [
        {
            name: min(value, most)
            if type(value) is int and (EPOCH_NAMES.fullmatch(name) or name == "rounds")
            else value
            for name, value in got.items()
        }
        for got in ran(cells)
    ]
    assert ran(lower_epochs(cells, most)[0]) == expected


@pytest.mark.slow
@few
@given(CELLS, MOST)
def test_only_numbers_differ_and_each_is_said(cells, most):
    results, said = lower_epochs(cells, most)
    number = r"\b[0-9][0-9a-fx_]*\b|-[0-9]+"
    for cell, result in zip(cells, results):
        assert re.split(number, cell) == re.split(number, result)
    differing = [
        (old, new)
        for cell, result in zip(cells, results)
        for old, new in zip(re.findall(number, cell), re.findall(number, result))
        if old != new
    ]
    assert differing == [tuple(each.rpartition(" -> ")[0].split()[-1:] + each.split()[-1:]) for each in said]


@few
@given(CELLS, MOST, MOST)
def test_twice_is_as_good_as_once(cells, one, other):
    once = lower_epochs(cells, min(one, other))[0]
    assert lower_epochs(lower_epochs(cells, max(one, other))[0], min(one, other))[0] == once
    assert lower_epochs(once, min(one, other)) == (once, [])
    assert lower_epochs(once, max(one, other)) == (once, [])


@given(st.lists(st.text(string.ascii_lowercase + string.digits + " \n\r=,:()[]{}'\"%!\\#词é", max_size=40)), MOST)
def test_cells_without_the_names_come_back_as_they_were(cells, most):
    assert lower_epochs(cells, most) == (cells, [])


def test_lines_for_tools_are_left_out_and_listed():
    for line in [
        *("!pip3 install -U d2l==0.17.6 --no-deps", "! pip -q install gluonbook", "!python3 -m pip install d2l"),
        *("!{sys.executable} -m pip install d2l", "!sudo apt-get -y install graphviz"),
        *("%conda install -c conda-forge mxnet", "get_ipython().system('pip install d2l')"),
        *("get_ipython().magic(u'pip install d2l')", "get_ipython().run_line_magic('pip', 'install -U d2l')"),
        *("%load_ext d2lbook.tab", "get_ipython().run_line_magic('reload_ext', 'd2lbook.tab')"),
        *("tab.interact_select(['mxnet', 'pytorch'])",),
    ]:
        source, skipped = without_tools(f"import sys\n{line}\nimport d2l")
        assert skipped == [line]
        first, second, third = source.split("\n")
        assert (first, third) == ("import sys", "import d2l")
        compile(source, "cell", "exec")
        assert line in second


def test_a_line_in_a_block_leaves_a_block_that_parses():
    source, skipped = without_tools("try:\n    import d2l\nexcept ImportError:\n    !pip install d2l\n")
    compile(source, "cell", "exec")
    assert skipped == ["!pip install d2l"]


def test_what_is_assigned_from_a_line_is_none():
    source, skipped = without_tools(
        "if True:\n    out = !pip install d2l\n    more = get_ipython().getoutput('pip install d2l')"
    )
    namespace = {}
    exec(source, namespace)
    assert (namespace["out"], namespace["more"], len(skipped)) == (None, None, 2)


def test_a_cell_that_is_text_is_left_as_it_is():
    for magic in ["%%writefile install.sh", "%%latex"]:
        source = f"{magic}\npip install d2l\n!pip install d2l"
        assert without_tools(source) == (source, [])


def test_a_magic_that_runs_python_makes_no_difference():
    for magic in ["%%capture", "%%timeit -n 1"]:
        assert without_tools(f"{magic}\n!pip install d2l") == (
            f"{magic}\npass  # skipped: !pip install d2l",
            ["!pip install d2l"],
        )


def test_continued_lines_go_with_the_first():
    source, skipped = without_tools("!pip install d2l \\\n    mxnet \\\n    numpy\nx = 1\n")
    assert skipped == ["!pip install d2l mxnet numpy"]
    namespace = {}
    exec(source, namespace)
    assert namespace["x"] == 1
    assert without_tools("!pip install d2l \\ \nx = 1")[0].endswith("\nx = 1")  # a blank behind it ends the line
    assert source.count("\n") == 4


def test_a_shell_cell_keeps_its_other_lines():
    installs = ["pip install d2l", "cd /tmp && sudo python3 -m pip install d2l"]
    source, skipped = without_tools("\n".join(["%%bash -e", "ls", *installs, "echo pip install", " # pip install"]))
    assert source.splitlines()[:2] == ["%%bash -e", "ls"]
    assert source.splitlines()[2:4] == [f":  # skipped: {line}" for line in installs]
    assert source.splitlines()[4:] == ["echo pip install", " # pip install"]
    assert skipped == installs


def test_lines_that_install_nothing_stay():
    for source in [
        *("!pip list", "get_ipython().system('ls')", "x == !pip install", "a = b == 'pip install d2l'"),
        *("!pip show install-me", "# !pip install d2l", "pip = install = 1\npip, install"),
        *('text = """\npip install d2l\n"""', "", "x = 1 \\\n    + 2"),
    ]:
        assert without_tools(source) == (source, [])


@given(st.lists(st.sampled_from(["x = 1", "!pip install a", "!pip install a \\", "", "%pip install b", "    y"])))
def test_the_number_of_lines_stays(lines):
    source = "\n".join(lines)
    replaced, skipped = without_tools(source)
    assert replaced.count("\n") == source.count("\n")
    assert len(skipped) <= sum("install" in line for line in lines)
