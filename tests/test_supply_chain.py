"""What the package never does: run what it reads, start a shell, or take what comes over a network unchecked.

Read from its syntax, for what is not there cannot be tried. What looks alike and is harmless is listed, with
the reason.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import gluonrnn
from gluonrnn.corpus.fetching import fetch
from gluonrnn.corpus.hub import DATA_HUB
from gluonrnn.corpus.lookup import KNOWN_CORPORA

ROOT = Path(gluonrnn.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# what runs what it is given, or makes objects of any class of it
MODULES = {
    *("pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "shelve"),
    *("code", "codeop", "runpy", "imp", "yaml", "ruamel", "torch", "xmlrpc", "pty", "commands"),
    *(
        "urllib.request",
        "http.client",
        "http",
        "ftplib",
        "telnetlib",
        "socket",
        "requests",
        "httpx",
        "aiohttp",
        "urllib3",
    ),
    *("smtplib", "poplib", "imaplib", "nntplib", "paramiko", "wget", "ssl", "xml.sax", "xml.dom"),
}
CALLS = {
    *("eval", "exec", "compile", "__import__", "breakpoint"),
    *("os.system", "os.popen", "os.execv", "os.execve", "os.execvp", "os.execl", "os.execlp", "os.spawnv", "os.spawnl"),
    *("os.startfile", "os.putenv", "pty.spawn", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("tempfile.mktemp", "os.tempnam", "os.tmpnam", "builtins.eval", "builtins.exec", "builtins.compile"),
    *("importlib.util.spec_from_file_location", "types.FunctionType", "types.CodeType", "Xml.parse", "Xml.fromstring"),
    *(f"xml.etree.ElementTree.{name}" for name in ("fromstring", "parse", "XML", "iterparse")),
    *("mx.nd.load", "nd.load", "mxnet.nd.load", "np.load", "numpy.load", "npx.load", "mx.npx.load", "np.fromfile"),
    *("shutil.unpack_archive", "pooch.Unzip", "pooch.Untar", "pooch.Decompress", "pooch.create"),
}
METHODS = {"extractall", "extract", "load_parameters", "load_params", "unpack_archive", "run_module", "run_path"}

# (file, what): the reason
EXCEPTIONS = {
    ("corpus/archives.py", "unpacks"): "reads and unpacks within bounds, see tests/corpus/test_archives.py",
    ("corpus/text.py", "unpacks"): "asks whether a file is a zip; archives.py reads it",
    ("rerun/sample_corpora.py", "unpacks"): "writes an archive of the bundled sentences",
    ("rerun/workspace.py", "unpacks"): "writes such an archive, and reads the reader's own fra-eng.zip",
    ("rerun/pages.py", "calls .extract"): "BeautifulSoup's, which takes a heading out of a page",
    (
        "models/layers.py",
        "calls .load_parameters",
    ): "Gluon's own method, passed on; gluonrnn's model files do not use it",
    ("editions/aliases.py", "imports by a name"): "one of the editions, from a table",
    ("rerun/detection.py", "imports by a name"): "one of the editions, from a table",
    ("rerun/pages.py", "imports by a name"): "what HTML needs, from a table",
    ("rerun/runner.py", "imports by a name"): "what a kernel needs, and an edition, from tables",
    ("rerun/__init__.py", "imports by a name"): "a module of gluonrnn.rerun, from a table",
    (
        "editions/other_chapters.py",
        "imports by a name",
    ): "where a published package has a name from, in a table",
    ("editions/signatures.py", "imports by a name"): "the editions, from a table, once a call does not fit",
    ("editions/published.py", "imports by a name"): "what the published packages import at once, from a table",
    ("plotting/display.py", "imports by a name"): "a module of matplotlib",
}


def name_of(node):
    """Return a dotted name as written, such as ``os.path.join``; nothing for what is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = name_of(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imported(node):
    """Return the modules that a statement imports, and what it takes from them, by their full names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def keyword_of(call, name):
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def is_constant(node, *values):
    return isinstance(node, ast.Constant) and any(node.value is value for value in values)


def of_call(call):
    """Yield what is wrong with a call."""
    name = name_of(call.func)
    if name in CALLS:
        yield f"calls {name}"
    if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
        yield f"calls .{call.func.attr}"
    for keyword, allowed in (("shell", False), ("allow_pickle", False), ("verify", True), ("use_unsafe_loader", False)):
        value = keyword_of(call, keyword)
        if value is not None and not is_constant(value, allowed):
            yield f"passes {keyword}="
    if name.split(".")[-1] in ("retrieve", "urlopen", "urlretrieve"):
        value = keyword_of(call, "known_hash")
        if value is None or is_constant(value, None):
            yield f"calls {name} without a hash"
    if name.split(".")[-1] == "import_module" and not isinstance(call.args[0], ast.Constant):
        yield "imports by a name"


def slips(tree):
    """Yield what a module does that none may."""
    for node in ast.walk(tree):
        for module in imported(node):
            if module in MODULES or module.split(".")[0] in MODULES or module in CALLS:
                yield f"imports {module}"
            if module.split(".")[0] == "subprocess":
                yield "starts a process"
            if module.split(".")[0] in ("zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib"):
                yield "unpacks"
        if isinstance(node, ast.Call):
            yield from of_call(node)


def slips_of(source):
    return sorted(set(slips(ast.parse(source))))


@pytest.mark.slow
def test_no_module_does_anything_of_the_kind_but_the_exceptions():
    found = {
        (path.relative_to(ROOT).as_posix(), what)
        for path in FILES
        for what in slips_of(path.read_text(encoding="utf-8"))
    }
    assert found == set(EXCEPTIONS)


def test_downloads_are_all_made_by_one_function():
    calls = [path.name for path in FILES if "choose_downloader(" in path.read_text(encoding="utf-8")]
    assert calls == ["fetching.py"]


def test_nothing_is_fetched_without_a_hash(tmp_path):
    for known_hash in ("", "sha256:", "md5:" + "0" * 32, "sha1:" + "0" * 39, "sha256:" + "0" * 40, None):
        with pytest.raises(ValueError, match="fetched by its SHA-1 or SHA-256"):
            fetch("http://127.0.0.1:1/a.txt", known_hash, tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


def test_every_download_of_the_tables_has_its_hash():
    for known in KNOWN_CORPORA.values():
        assert re.fullmatch("[0-9a-f]{64}", known.sha256), known.name
        assert known.url is None or known.url.startswith("https://"), known.name
    for name, (_, sha1) in DATA_HUB.items():
        assert re.fullmatch("[0-9a-f]{40}", sha1), name


def test_setup_runs_the_file_of_its_own_version_and_nothing_else():
    tree = ast.parse((ROOT.parent / "setup.py").read_text(encoding="utf-8"))
    assert sorted(set(slips(tree))) == ["calls exec"]
    assert [
        target.id
        for node in ast.parse((ROOT / "version.py").read_text(encoding="utf-8")).body[1:]
        for target in node.targets
    ] == ["__version__"]


SLIPS = {
    "eval(text)": "calls eval",
    "import os\nos.system('ls')": "calls os.system",
    "from os import popen as p": "imports os.popen",
    "import subprocess as s": "starts a process",
    "from subprocess import run": "starts a process",
    "run(['ls'], shell=want)": "passes shell=",
    "from pickle import loads": "imports pickle",
    "import joblib.numpy_pickle": "imports joblib.numpy_pickle",
    "import marshal, shelve": "imports marshal",
    "mx.nd.load(path)": "calls mx.nd.load",
    "load(path, allow_pickle=True)": "passes allow_pickle=",
    "from urllib import request": "imports urllib.request",
    "get(url, verify=False)": "passes verify=",
    "pooch.retrieve(url, None)": "calls pooch.retrieve without a hash",
    "pooch.retrieve(url, known_hash=None)": "calls pooch.retrieve without a hash",
    "archive.extractall()": "calls .extractall",
    "from tarfile import open": "unpacks",
    "import_module(f'a.{name}')": "imports by a name",
}
HARMLESS = [
    "re.compile(pattern)",
    "importlib.import_module('numpy')",
    "run(['ls'], shell=False)",
    "platform.system()",
    "pooch.retrieve(url, known_hash=known)",
    "from urllib.parse import unquote",
    "model.eval()",
]


def test_slips_are_seen_and_what_looks_alike_is_not_taken_for_one():
    assert [source for source, slip in SLIPS.items() if slip not in slips_of(source)] == []
    assert [source for source in HARMLESS if slips_of(source)] == []
