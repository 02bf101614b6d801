"""Detect which edition of the book's helper library, or which other framework, a document was written for.

Nothing is run. The imports name the library; the names used from it, the arguments of calls and the
array type tell its edition.
"""

from __future__ import annotations

import ast
import collections
import importlib
import inspect
import itertools
import re
from dataclasses import dataclass
from typing import Dict, Sequence, Tuple

from gluonrnn.editions.aliases import _SAME, ALIASES
from gluonrnn.rerun.document import Document
from gluonrnn.rerun.syntax import Origins, helper_name, positional, syntax_tree

__all__ = ["EDITIONS", "Detected", "check_edition", "detect"]

# in order of their years
_MODULES = {
    "utils": "gluonrnn.editions.utils_2017",
    "gluonbook-0.6": "gluonrnn.editions.gluonbook_0_6",
    "gluonbook": "gluonrnn.editions.gluonbook",
    "d2l-0.10": "gluonrnn.editions.d2l_0_11",
    "d2l-0.15": "gluonrnn.editions.d2l_0_15",
    "d2l": "gluonrnn.editions.d2l",
}
EDITIONS = tuple(_MODULES)
_D2L_ON_ND = "gluonrnn.editions.d2l_0_10"  # the first releases of d2l-0.10, on nd arrays
_EDITION_OF_MODULE = {
    **{module: edition for edition, module in _MODULES.items()},
    _D2L_ON_ND: "d2l-0.10",
    "gluonrnn": "gluonbook",  # and some names more
}
_EDITION_OF = {
    **{alias: _EDITION_OF_MODULE[module] for alias, module in ALIASES.items()},
    **_EDITION_OF_MODULE,
    "gluonrnn.d2l": "d2l",
}
# library -> the aliases that its documents may mean; of equally good ones, the last is taken
_CANDIDATES = {
    "utils": ["utils"],
    "gluonbook": ["gluonbook==0.6.0", "gluonbook==0.6", "gluonbook"],
    "d2lzh": ["d2lzh"],
    "d2l": ["d2l", "d2l==0.10", "d2l==0.9", "d2l==0.11"],
    "d2l.mxnet": ["d2l==0.11", "d2l==0.15", "d2l.mxnet"],
}
_AMBIGUOUS = ("d2l", "utils")  # also modules for other frameworks

# fact -> points, compared in this order: that the document runs, its array type, names that agree
_Points = Dict[str, Tuple[int, int, int]]

_FRAMEWORKS = {
    **dict.fromkeys(("torch", "pytorch", "torchtext", "torchvision"), "PyTorch"),
    "tensorflow": "TensorFlow",
    "paddle": "Paddle",
    "mindspore": "MindSpore",
    **dict.fromkeys(("jax", "flax", "optax"), "JAX"),
    "keras": "Keras",
}


@dataclass(frozen=True)
class Detected:
    """What a document was written for."""

    edition: str  # one of EDITIONS; "" if no helper library is imported
    aliases: tuple[str, ...] = ()  # for `install_aliases`, one for each helper library
    module: str = ""  # of the edition
    framework: str = ""  # another one than MXNet, or ""
    offer: str = ""  # a sentence: what gluonrnn has for that framework's readers
    reason: str = ""  # of the decision, in a few words


def check_edition(edition: str | None) -> None:
    """Raise a `ValueError` unless `edition` is one of `EDITIONS`, an alias, or None."""
    if edition is not None and edition not in (*EDITIONS, *ALIASES, *_SAME):
        raise ValueError(
            f"there is no edition {edition!r}: choose from {', '.join(EDITIONS)}, "
            f"or a helper library: {', '.join(sorted([*ALIASES, *_SAME]))}"
        )


def detect(document: Document, edition: str | None = None) -> Detected:
    """Detect what a document was written for, without running it."""
    check_edition(edition)
    contents = _Contents()
    for cell in document.code:
        contents.read(cell.source)
    framework, reason = _framework(contents, document.left_out)
    if framework:
        return Detected("", framework=framework, offer=_offer(contents), reason=reason)
    if edition is not None:
        return _as_asked(edition, contents)
    choices = [_choice(library, contents) for library in contents.libraries()]
    if not choices:
        return Detected("", reason="no helper library is imported")
    main = max(choices, key=lambda choice: len(contents.uses(choice.library)))
    aliases = tuple(choice.alias for choice in choices if choice.alias)
    return Detected(main.edition, aliases, main.module, reason="; ".join(each.reason for each in choices))


class _Contents:
    """What the code of a document imports, uses and defines."""

    def __init__(self) -> None:
        self.origins = Origins()
        self.imported: list[str] = []
        self.paths: dict[str, list[ast.Call]] = {}  # dotted name of something imported -> its calls
        self.unimported: dict[str, list[ast.Call]] = {}
        self.defined: dict[str, list[str]] = {}  # function -> parameters
        self.assigned: set[str] = set()

    def read(self, source: str) -> None:
        tree = syntax_tree(source) or _imports_alone(source)
        for path in self.origins.read(tree):
            self.imported.append(path)
            self.paths.setdefault(path, [])
        calls = {id(node.func): [node] for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, (ast.Name, ast.Attribute)):
                self._meet(node, calls.get(id(node), []))
            elif isinstance(node, ast.FunctionDef):
                self.defined[node.name] = positional(node.args)
            elif isinstance(node, ast.ClassDef):
                inits = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
                self.defined[node.name] = positional(inits[0].args)[1:] if inits else []

    def _meet(self, node: ast.Name | ast.Attribute, calls: list[ast.Call]) -> None:
        path = self.origins.of(node)
        if path:
            self.paths.setdefault(path, []).extend(calls)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self.assigned.add(node.id)
        elif isinstance(node, ast.Name):
            self.unimported.setdefault(node.id, []).extend(calls)

    def libraries(self) -> list[str]:
        """Return the helper libraries that are imported; ``d2l.mxnet`` wins over `d2l`."""
        found = {helper_name(path)[0]: None for path in self.paths}
        return [name for name in found if name and not (name == "d2l" and "d2l.mxnet" in found)]

    def uses(self, library: str) -> dict[str, list[ast.Call]]:
        """Return the names used from a library, with their calls."""
        names: dict[str, list[ast.Call]] = {}
        for path, calls in self.paths.items():
            owner, name = helper_name(path)
            if name and library in (owner, f"{owner}.mxnet"):
                names.setdefault(name, []).extend(calls if path.endswith(f".{name}") else [])
        if any(helper_name(star)[0] == library for star in self.origins.stars):
            own = {*self.defined, *self.assigned}
            names.update((name, calls) for name, calls in self.unimported.items() if name not in own)
        return names

    @property
    def array_type(self) -> str:
        """Its arrays: "np", "nd", or "" if unknown."""
        for kind, modules in (("np", ("mxnet.np", "mxnet.numpy")), ("nd", ("mxnet.nd",))):
            if any(path.startswith(modules) for path in self.paths):
                return kind
        return ""


def _imports_alone(source: str) -> ast.Module:
    lines = (syntax_tree(line) for line in re.findall(r"(?m)^[ \t]*((?:import|from)[ \t].+)$", source))
    return ast.Module([statement for line in lines if line for statement in line.body], [])


def _framework(contents: _Contents, left_out: dict[str, int]) -> tuple[str, str]:
    """Return the framework that a document is for, if it is not MXNet, and the reason."""
    libraries = contents.libraries()
    tops = {path.partition(".")[0] for path in contents.imported}
    if "mxnet" in tops or set(libraries) - set(_AMBIGUOUS):
        return "", ""
    found = collections.Counter(filter(None, map(_framework_of, contents.imported)))
    if found:
        framework = found.most_common(1)[0][0]
        path = next(path for path in contents.imported if _framework_of(path) == framework)
        return framework, f"import {path}"
    others = {_framework_of(tab): count for tab, count in left_out.items() if _framework_of(tab)}
    if libraries or not others:
        return "", ""
    most = max(others.values())
    names = [name for name, count in others.items() if count == most]
    return " and ".join(names), f"its cells are for {', '.join(others)}"


def _framework_of(path: str) -> str:
    """Return the framework of a module or tab: ``d2l.torch``, ``d2lzh_tensorflow2``, ``pytorch``."""
    top = re.sub(r"^d2l(\.|zh_|_)", "", path.lower()).partition(".")[0]
    return _FRAMEWORKS.get(top.rstrip("0123456789"), "")


def _offer(contents: _Contents) -> str:
    names = dict.fromkeys(path.rpartition(".")[2] for path in contents.paths if path.startswith(("d2l", "utils.")))
    names.update(dict.fromkeys([*contents.defined, *(name for name, calls in contents.unimported.items() if calls)]))
    of_2018, of_2020, arrays = (
        importlib.import_module(f"gluonrnn.editions.{edition}").__all__
        for edition in ("gluonbook", "d2l", "numpy_names")
    )
    own = set(importlib.import_module("gluonrnn").__all__)
    has = {
        "gluonrnn": [name for name in names if name in own.intersection([*of_2018, *of_2020])],
        "gluonrnn.d2l": [name for name in names if name in set(of_2020).difference(arrays)],
    }
    is_recent = any(path.startswith("d2l.") for path in contents.paths)
    module = max(has, key=lambda module: (len(has[module]), is_recent and module == "gluonrnn.d2l"))
    what = ", ".join(has[module]) or "the functions of the recurrent chapters"
    return f"{module} has {what} for MXNet: see help({module})"


@dataclass(frozen=True)
class _Choice:
    library: str
    alias: str
    edition: str
    module: str
    reason: str


def _module_of(name: str) -> str:
    """Return the module of an alias, or of a library that is gluonrnn itself."""
    module = ALIASES.get(name, name)
    return module if module in (_D2L_ON_ND, "gluonrnn") else _MODULES[_EDITION_OF.get(name, "gluonbook")]


def _choice(library: str, contents: _Contents, among: Sequence[str] = ()) -> _Choice:
    """Choose the alias that a library stands for by what is used from it."""
    aliases = among or _CANDIDATES.get(library, [""])
    points = {alias: _points(_module_of(alias or library), contents.uses(library), contents) for alias in aliases}

    def rank(alias: str) -> tuple[int, int, int]:
        runs, array_type, alike = (sum(each) for each in zip((0, 0, 0), *points[alias].values()))
        return runs, array_type, alike + (alias == aliases[-1])  # a single name may agree by chance

    *others, best = sorted(aliases, key=rank)
    reasons = [f"import {library}", *(_decisive(points[best], points[other]) for other in reversed(others))]
    edition = _EDITION_OF.get(best or library, "gluonbook")
    why = "; ".join(dict.fromkeys(filter(None, reasons))).format(edition)
    return _Choice(library, best, edition, _module_of(best or library), why)


def _decisive(points: _Points, others: _Points) -> str:
    """Return the fact that speaks most for one edition against another, or ""."""
    ahead = {fact: tuple(mine - its for mine, its in zip(points[fact], others[fact])) for fact in points}
    fact = max(ahead, key=lambda fact: ahead[fact])
    return fact if ahead[fact] > (0, 0, 0) else ""


def _points(its_module: str, uses: dict[str, list[ast.Call]], contents: _Contents) -> _Points:
    """Collect the facts for and against an edition."""
    module = importlib.import_module(its_module)
    points = {}
    alike: set[str] = set()
    for name, calls in uses.items():
        known = name in module.__all__
        fits = [_fit(getattr(module, name), call) for call in calls] if known else []
        # the same variables in each call count once
        new = {argument for arguments in fits for argument in arguments or ()} - alike
        alike |= new
        points[f"{name} is a name of {{0}}"] = (known - 1, 0, 0)
        points[f"{name}(...) in the order of {{0}}"] = (-(None in fits), 0, len(new))
    for name, parameters in contents.defined.items():
        same = _alike(parameters, getattr(module, name)) if name in module.__all__ else []
        points[f"its own {name}(...) in the order of {{0}}"] = (0, 0, len(same))
    is_np = _EDITION_OF_MODULE[its_module].startswith("d2l") and its_module != _D2L_ON_ND
    points[f"{contents.array_type} arrays"] = (0, int(contents.array_type == ("np" if is_np else "nd")), 0)
    return points


def _fit(function: object, call: ast.Call) -> list[str] | None:
    """Return the arguments of a call that have their parameters' names; None if the call would fail."""
    signature = _signature(function)
    if signature is None:
        return []
    given = list(itertools.takewhile(lambda argument: not isinstance(argument, ast.Starred), call.args))
    keywords = {keyword.arg: None for keyword in call.keywords if keyword.arg}
    is_whole = len(given) == len(call.args) and len(keywords) == len(call.keywords)
    try:
        (signature.bind if is_whole else signature.bind_partial)(*given, **keywords)
    except TypeError:
        return None
    return _alike([getattr(argument, "id", "") for argument in given], function)


def _alike(names: list[str], function: object) -> list[str]:
    signature = _signature(function)
    return [name for name, parameter in zip(names, signature.parameters) if name == parameter] if signature else []


def _signature(function: object) -> inspect.Signature | None:
    try:
        return inspect.signature(function)  # type: ignore[arg-type]
    except (TypeError, ValueError):  # a constant, or a function that hides its parameters
        return None


def _as_asked(asked: str, contents: _Contents) -> Detected:
    """Use the edition that the user names for each library that has it."""
    name = _SAME.get(asked, asked)
    edition = name if name in EDITIONS else _EDITION_OF[name]
    of_edition = [alias for alias in ALIASES if _EDITION_OF[alias] == edition]
    aliases = []
    for library in contents.libraries():
        fitting = [alias for alias in of_edition if re.split("==|[.]", alias)[0] == library.partition(".")[0]]
        aliases.append(name if name in fitting else _choice(library, contents, fitting).alias)
    if not set(aliases) & set(of_edition):
        aliases.append(next(alias for alias in (name, edition, *reversed(of_edition)) if alias in of_edition))
    module = _module_of(next(alias for alias in aliases if alias in of_edition))
    return Detected(edition, tuple(filter(None, aliases)), module, reason=f"{asked}, as asked for")
