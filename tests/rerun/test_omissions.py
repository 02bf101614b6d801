from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gluonrnn.rerun.edits import without_tools


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


def test_all_else_is_left_as_it_is():
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
