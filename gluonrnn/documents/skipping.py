"""Lines of a document that are no part of its chapter: they are left out, and listed."""

from __future__ import annotations

import re

__all__ = ["without_tools"]

# !pip install d2l, %pip install d2l, !{sys.executable} -m pip install d2l, !sudo apt-get install git
_INSTALLS = r"\b(?:pip3?|conda|mamba|apt|apt-get|brew)\b(?:\s+-\S+)*\s+install\b"
_LINE = re.compile(
    rf"""(?P<indent>\s*)(?:
        [!%](?!%).*?{_INSTALLS}                           # software is the reader's business
        | get_ipython\(\)\.(?:system|getoutput)\(.*?{_INSTALLS}  # the same, in an exported script
        | %(?:load|reload)_ext\s+d2lbook\b                # the book's own builder
        | tab\.interact_select\(.*\)\s*$
    )""",
    re.VERBOSE,
)
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|cmd|script|!)")
_SHELL_LINE = re.compile(rf"(?P<indent>\s*)(?:\S+\s+(?:-m\s+)?)??{_INSTALLS}")


def without_tools(source: str) -> tuple[str, list[str]]:
    r"""Replace the lines of a cell that install software or steer the book's builder by ones that do nothing.

    Parameters
    ----------
    source : str
        A code cell.

    Returns
    -------
    str
        The cell with the same number of lines; the text itself where there is nothing to skip.
    list of str
        The lines left out, each as it was written.

    Examples
    --------
    >>> without_tools("!pip install d2l==0.17.6\nimport d2l")
    ('pass  # skipped: !pip install d2l==0.17.6\nimport d2l', ['!pip install d2l==0.17.6'])
    """
    in_shell = _SHELL_CELL.match(source) is not None
    pattern, nothing = (_SHELL_LINE, ":") if in_shell else (_LINE, "pass")
    lines: list[str] = []
    skipped: list[str] = []
    continues = False
    for line in source.split("\n"):
        found = pattern.match(line)
        text = line.strip().rstrip("\\").rstrip()
        if continues:
            skipped[-1] += f" {text}"
            lines.append("")
        elif found:
            skipped.append(text)
            lines.append(f"{found['indent']}{nothing}  # skipped: {text}")
        else:
            lines.append(line)
        continues = (continues or found is not None) and line.rstrip().endswith("\\")
    return "\n".join(lines), skipped
