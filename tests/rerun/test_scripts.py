"""Python files: in one piece, with the prompts of an exporter, or in cells."""

from __future__ import annotations

from gluonrnn.rerun.scripts import is_script, read_script


def cells(text):
    return [(cell.kind, cell.source, cell.line) for cell in read_script(text).cells]


def test_scripts():
    for text in [
        *("import a", "# A title\n\nx = 1\n"),
        *('"""A docstring with\n\n```python\nx\n```\n\nIn [1]: x\n"""\nprint(1)',),
        *("%matplotlib inline\n!pip install d2l\nprint(1)", "# In[1]:\nx = 1", "x = 1\nx\n词"),
    ]:
        assert is_script(text)


def test_no_scripts():
    for text in [
        *("", "# A title\n", "'a string'", "key: value", "In [1]: x = 1\nIn [2]: x: int", "x = 1\nIn [1]: y = 1"),
        *("~~~python\nx = 1", "%pwd\n!ls", "%%html\n<p>", "x = 1\n\nThis is prose."),
    ]:
        assert not is_script(text)


def test_a_script_is_one_cell():
    text = "#!/usr/bin/env python\n# A comment.\n\nx = 1\n\n\n# Another one.\ny = 2\n\n\n# The last.\n"
    assert cells("\n" + text) == [("code", text.rstrip("\n"), 2)]


EXPORTED = """\
#!/usr/bin/env python
# coding: utf-8

# # A title
# 
# A sentence
#  - that goes on

# In[1]:


import math
# a comment


# with two blank lines before it
x = '''
# In[7]:


# a string
'''

# the last of the cell


# A sentence.

# Another one.

# In[ ]:


get_ipython().run_line_magic('pwd', '')


# In[3]:


# ## The end
"""  # noqa: W291


def test_a_script_that_was_exported():
    assert cells(EXPORTED) == [
        ("prose", "# A title\n\nA sentence\n - that goes on", 4),
        (
            "code",
            "import math\n# a comment\n\n\n# with two blank lines before it\nx = '''\n# In[7]:\n\n\n# a string\n'''\n\n"
            "# the last of the cell",
            12,
        ),
        ("prose", "A sentence.\n\nAnother one.", 27),
        ("code", "get_ipython().run_line_magic('pwd', '')", 34),
        ("prose", "## The end", 40),
    ]


def test_a_script_in_cells():
    text = """\
# About it

#%% imports
import a
# a comment


# another

# %% [markdown]
# # A title
#
# Text

# %%
%%time
x = 1
# %%time is a comment
# %% [MD] more
# b
"""
    assert cells(text) == [
        ("prose", "About it", 1),
        ("code", "import a\n# a comment\n\n\n# another", 4),
        ("prose", "# A title\n\nText", 11),
        ("code", "%%time\nx = 1\n# %%time is a comment", 16),
        ("prose", "b", 20),
    ]


def test_code_before_the_first_cell():
    assert cells("import a\n\n# %%\nb") == [("code", "import a", 1), ("code", "b", 4)]


def test_lines_of_spaces_are_blank():
    assert cells("# In[1]:\n \nx = 1\n \n\t\n# A\n  \n") == [("code", "x = 1", 3), ("prose", "A", 6)]


def test_a_cell_that_is_no_python_is_doubted():
    found = read_script("# In[1]:\n\n\nx = 1\n\n\n# In[2]:\n\n\nprint 'x'\n# %%\n%pwd")
    assert [cell.source for cell in found.cells] == ["x = 1", "print 'x'", "%pwd"]
    assert [cell.doubt for cell in found.cells] == ["", "it does not parse as Python as a whole", ""]


def test_tabs():
    found = read_script("# %%\n#@tab mxnet\nx\n# %%\n#@tab pytorch\ny\n")
    assert [(cell.source, cell.line) for cell in found.cells] == [("x", 3)]
    assert found.left_out == {"pytorch": 1}
