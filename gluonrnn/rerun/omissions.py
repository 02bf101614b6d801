"""Lines of a document that are no part of its chapter: they are left out, and listed."""

from __future__ import annotations

import re

__all__ = ["without_tools"]

# pip install d2l, python -m pip uninstall -y mxnet, sudo apt-get -y install git; 'pip', 'install d2l' in a script
_BETWEEN = r"[\s'\",]+"
_INSTALLS = (
    rf"\b(?:pip[\d.]*|conda|mamba|apt|apt-get|brew)\b(?:{_BETWEEN}-\S+)*{_BETWEEN}"
    r"(?:install|uninstall|update|upgrade|remove)\b"
)
_CALL = r"get_ipython\(\)\.\w+\("  # what exporters make of a magic or shell line
_LINE = re.compile(
    rf"""(?P<before>\s*(?:\w+\s*=\s*)?)(?:
        (?:[!%]|{_CALL}).*?{_INSTALLS}                         # software is the reader's business
        | (?:%|{_CALL}).*?\b(?:re)?load_ext{_BETWEEN}d2lbook\b      # the book's own builder
        | tab\.interact_select\(.*\)\s*$
    )""",
    re.VERBOSE,
)
_AUTOMAGIC = re.compile(r"(?P<before>\s*)(?:pip|conda|mamba)\s+(?:install|uninstall|update)\b")  # IPython needs no %
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|cmd|script|system|sx|!)")
_TEXT_CELL = re.compile(r"\s*%%(?!capture|prun|tab|time)")
_SHELL_LINE = re.compile(rf"(?P<before>\s*)(?!\s|%%|\#|echo\b).*?{_INSTALLS}")


def without_tools(source: str) -> tuple[str, list[str]]:
    r"""Replace the lines of a cell that install software or steer the book's builder by ones that do nothing.

    Examples
    --------
    >>> without_tools("!pip install d2l==0.17.6\nimport d2l")
    ('pass  # skipped: !pip install d2l==0.17.6\nimport d2l', ['!pip install d2l==0.17.6'])
    """
    in_shell = _SHELL_CELL.match(source) is not None
    if not in_shell and _TEXT_CELL.match(source):
        return source, []
    patterns = [_SHELL_LINE] if in_shell else [_LINE, _AUTOMAGIC]
    if any(quotes in source for quotes in ('"""', "'''")):
        patterns = patterns[:1]  # a line without a mark may be one of a text
    lines: list[str] = []
    skipped: list[str] = []
    continues = False
    for line in source.split("\n"):
        found = next(filter(None, (pattern.match(line) for pattern in patterns)), None)
        text = line.strip().rstrip("\\").rstrip()
        if continues:
            skipped[-1] += f" {text}"
            lines.append("")
        elif found:
            skipped.append(text)
            nothing = ":" if in_shell else "None" if "=" in found["before"] else "pass"
            lines.append(f"{found['before']}{nothing}  # skipped: {text}")
        else:
            lines.append(line)
        continues = (continues or found is not None) and line.endswith("\\")
    return "\n".join(lines), skipped
