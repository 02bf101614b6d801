"""Declarations: an edition's function as another edition's, under the names that its release gave it.

Where a release only renamed a function or its parameters, one line says so; signature and docstring
are made from the original's.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, Callable, Iterable, Mapping, NamedTuple, TypeVar

__all__ = ["Edition"]

Documented = TypeVar("Documented", bound=Callable[..., Any])

_TITLES = ("", "Parameters", "Attributes", "Returns", "Yields", "Raises", "Notes", "References", "Examples")
_SECTION = re.compile(rf"^({'|'.join(_TITLES[1:])})\n-+\n", re.MULTILINE)
# names in backticks, and the lines of examples
_CODE = re.compile(r"``[^`]+``|`[^`]+`|^(?:>>>|\.\.\.) .*$", re.MULTILINE)
# a parameter, or several, with the lines that describe them
_PARAMETER = re.compile(r"^(\S[^:\n]*)(.*\n(?:[ ].*\n|\n)*)", re.MULTILINE)


class Edition(NamedTuple):
    """A release of the book's library: its module here, and what its docstrings refer to."""

    module: str
    source: str
    words: Mapping[str, str] = {}
    """What stands in its docstrings in place of words of the originals'."""

    def renamed(
        self,
        original: Callable[..., Any],
        name: str = "",
        *,
        calls: Callable[..., Any] | None = None,
        without: Iterable[str] = (),
        defaults: Mapping[str, Any] | None = None,
        docs: Mapping[str, str] | None = None,
        **names: str,
    ) -> Callable[..., Any]:
        """Return a function like `original`, with another name, parameters or defaults.

        Parameters
        ----------
        original : function
            What it takes signature and docstring from.
        name : str, optional
            Its name; by default, that of the original.
        calls : function, optional
            What it calls, with all its arguments in order; by default, the original.
        without : iterable of str
            Parameters of the original that it does not have.
        defaults : dict, optional
            Other defaults, by the original's names.
        docs : dict of str to str, optional
            See `documented`.
        **names : str
            For parameters of the original, what they are called here.
        """
        function_name, target = name or original.__qualname__, calls or original
        signature = inspect.signature(original)
        signature = signature.replace(
            parameters=[
                found.replace(name=names.get(found.name, found.name), default=(defaults or {}).get(key, found.default))
                for key, found in signature.parameters.items()
                if key not in without
            ]
        )

        def function(*args: Any, **kwargs: Any) -> Any:
            try:
                call = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{function_name}() {error}") from None
            call.apply_defaults()
            return target(*call.args, **call.kwargs)

        function.__name__, function.__qualname__ = function_name.rpartition(".")[2], function_name
        function.__module__ = self.module
        function.__signature__ = signature  # type: ignore[attr-defined]
        function.__doc__ = self._docstring_of(original, docs, without, {original.__name__: function.__name__, **names})
        return function

    def documented(
        self, original: Any, docs: Mapping[str, str] | None = None, **names: str
    ) -> Callable[[Documented], Documented]:
        """Return a decorator that gives a function or class the docstring of `original`, in this edition's names.

        Parameters
        ----------
        original : function or class
            Whose docstring it is.
        docs : dict of str to str, optional
            What else the docstring says: by the title of a section, what stands in it, or "" to leave it out; by "",
            what stands before the first section; by any other words, what replaces them.
        **names : str
            For names of the original, what they are called here.
        """

        def document(documented: Documented) -> Documented:
            documented.__doc__ = self._docstring_of(original, docs, (), names)
            return documented

        return document

    def _docstring_of(
        self, original: Any, docs: Mapping[str, str] | None, without: Iterable[str], names: Mapping[str, str]
    ) -> str:
        text = inspect.cleandoc(original.__doc__ or "")
        if self.words:
            text = re.sub("|".join(map(re.escape, self.words)), lambda found: self.words[found[0]], text)
        source = {"References": self.source} if "\nReferences\n---" in text else {}
        return _docstring(text, {**source, **(docs or {})}, without, names)


def _docstring(text: str, docs: Mapping[str, str], without: Iterable[str], names: Mapping[str, str]) -> str:
    for old, new in docs.items():
        if old not in _TITLES:
            pattern = r"\s+".join(map(re.escape, old.split()))  # wherever lines are broken
            if not re.search(pattern, text):
                raise ValueError(f"there is no {old!r} to replace in {text[:60]!r}...")
            text = re.sub(pattern, new.replace("\\", r"\\"), text)
    head, *rest = _SECTION.split(text)
    sections = {"": head, **dict(zip(rest[::2], rest[1::2]))}
    sections.update((title, inspect.cleandoc(docs[title])) for title in _TITLES if title in docs)
    name = re.compile(rf"\b({'|'.join(names)})\b") if names else None

    def renamed(code: str) -> str:
        return name.sub(lambda found: names[found[0]], code) if name else code

    def parameter(found: re.Match[str]) -> str:
        return "" if found[1].strip() in without else renamed(found[1]) + found[2]

    written = []
    for title in filter(sections.get, _TITLES):
        body = _CODE.sub(lambda found: renamed(found[0]), sections[title])
        if title == "Parameters":
            body = _PARAMETER.sub(parameter, body)
        written.append(f"{title}\n{'-' * len(title)}\n{body.strip()}" if title else body.strip())
    return "\n\n".join(written) + "\n"
