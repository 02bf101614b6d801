"""Read the built site as a reader does: ``make docs-check`` opens every page of both languages in headless Chromium.

Of each page: no error in the console, no request to another host, no broken link, anchor or image, every formula
drawn, nothing wider than the screen at a desk and on a phone, the other language one click away, a note to the reader
where the translation lags behind, and what axe-core finds of WCAG 2 (titles, languages, alternative texts, labels, and
in the light and in the dark, contrast). And the search answers.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import shutil
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright
from tqdm import tqdm
from translations import CHINESE, LANGUAGES, SUFFIXES, lag_of

HTML = Path(__file__).parent / "_build" / "html"
THEMES = ("light", "dark")
DESK = {"width": 1280, "height": 900}
SIZES = {"desk": DESK, "phone": {"width": 390, "height": 844}}
# what is typed -> the page that must be among the answers
SEARCHES = {
    "en": {
        "perplexity": "learn/perplexity",
        "clipping": "learn/clipping",
        "grad_clipping": "reference/training",
        "peepholes": "learn/gates",
    },
    "zh-cn": {
        "困惑度": "learn/perplexity",
        "裁剪梯度": "learn/clipping",
        "隐藏状态": "learn/rnn-scratch",
        "随机采样": "learn/sampling",
        "门": "learn/gates",
        "grad_clipping": "reference/training",
    },
}
# What has to do with colours is asked apart, of colours that no page had before: it takes most of the time.
IN_COLOUR = ["color-contrast", "link-in-text-block"]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa"],
    "rules": {rule: {"enabled": False} for rule in IN_COLOUR},
    "resultTypes": ["violations"],
}
# Given the combinations of colours that can be read, return those that can be read, too, and what axe-core finds. What
# makes a combination is all that its rules look at: of text, what is around it, and all the grounds below it.
COLOURS = """async ({rules, readable}) => {
  const below = new Map();
  const grounds = element => {
    if (element === null) { return ""; }
    if (!below.has(element)) {
      const style = getComputedStyle(element);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity].join();
      below.set(element, grounds(element.parentElement) + (own === "rgba(0, 0, 0, 0),none,1" ? "" : `;${own}`));
    }
    return below.get(element);
  };
  const known = new Set(readable), times = new Map(), elements = new Map();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || elements.has(element) || !element.checkVisibility()) { continue; }
    const style = getComputedStyle(element);
    const combination = [
      element.tagName === "A", style.color, style.fontSize, style.fontWeight, style.textShadow, style.textDecoration,
      getComputedStyle(element.parentElement).color, grounds(element)].join();
    const before = times.get(combination) ?? 0;
    if (known.has(combination) || before === 5) { continue; }
    times.set(combination, before + 1);
    elements.set(element, combination);
  }
  if (!elements.size) { return {readable: [], violations: []}; }
  const found = await axe.run({include: [...elements.keys()]}, {
    runOnly: {type: "rule", values: rules}, resultTypes: ["violations", "passes"], elementRef: true});
  const of = rules => rules.filter(rule => rule.id === "color-contrast").flatMap(
    rule => rule.nodes.map(node => elements.get(node.element))).filter(Boolean);
  const failed = new Set(of(found.violations));
  return {
    readable: of(found.passes).filter(combination => !failed.has(combination)),
    violations: found.violations.map(rule => ({id: rule.id, nodes: rule.nodes.map(node => ({target: node.target}))})),
  };
}"""

# What a page says about itself, in one question.
PAGE = """() => {
  const hidden = element => element.closest("details:not([open])") !== null;
  const formulas = [...document.querySelectorAll(".math")];
  return {
    title: document.title,
    lang: document.documentElement.lang,
    description: document.querySelector("meta[name=description]")?.content ?? "",
    headings: document.querySelectorAll("h1").length,
    ids: [...document.querySelectorAll("[id]")].map(element => element.id),
    links: [...document.querySelectorAll("a[href]")].map(link => link.getAttribute("href")),
    images: [...document.images].filter(image => !(image.complete && image.naturalWidth)).map(image => image.src),
    drawings: [...document.querySelectorAll(".drawing svg")].filter(
      drawing => !hidden(drawing) && drawing.getBoundingClientRect().width < 20).length,
    formulas: formulas.filter(
      formula => !formula.querySelector("mjx-container") || formula.querySelector("mjx-merror")
      || (!hidden(formula) && formula.getBoundingClientRect().width === 0)).map(formula => formula.textContent),
    language: document.querySelector("a.language")?.getAttribute("href") ?? "",
    lag: document.querySelector(".admonition.lag") !== null,
    notebook: document.querySelector("a.notebook")?.getAttribute("href") ?? "",
  };
}"""
TYPESET = "() => !window.MathJax || window.MathJax.startup?.promise?.then(() => true)"
ANSWERED = "() => document.querySelector('.search-summary')?.textContent.trim()"
# by how much anything that does not scroll by itself sticks out, cut off or not
WIDER = """() => {
  const scrolls = element => element.id !== "furo-main-content" && (
    /auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  let wider = document.documentElement.scrollWidth - window.innerWidth;
  for (const element of document.querySelectorAll("#furo-main-content *:not(mjx-assistive-mml, mjx-assistive-mml *)")) {
    const beyond = Math.floor(element.getBoundingClientRect().right - window.innerWidth);
    if (beyond > wider && !scrolls(element.parentElement)) { wider = beyond; }
  }
  return wider;
}"""


def pages() -> list[str]:
    """Return the addresses of all pages, from the site's root."""
    found = (path.relative_to(HTML) for language in LANGUAGES for path in (HTML / language).rglob("*.html"))
    return ["index.html", *sorted(str(path) for path in found if "_static" not in path.parts)]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *args: Any) -> None:
        """Say nothing: the browser has gone to the next page."""


def _serve() -> tuple[_Server, str]:
    server = _Server(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(HTML)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}/"


def _has_failed(request: Any) -> bool:
    return "ERR_ABORTED" not in (request.failure or "")  # the next page was opened meanwhile


class Reader:
    """A browser that opens pages of the site and notes what goes wrong."""

    def __init__(self, chromium: str, root: str) -> None:
        """Start it."""
        self.root = root
        chromiums = sync_playwright().start().chromium
        self.browser = chromiums.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        self.page: Page = self.browser.new_page(viewport=DESK)
        self.page.set_default_timeout(300_000)  # of a busy machine
        self.faults: list[str] = []
        self.colours: dict[str, set[str]] = {theme: set() for theme in THEMES}  # which can be read
        self.page.on("console", lambda message: self._note(message.type == "error", f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self._note(True, f"script: {error}"))
        self.page.on("requestfailed", lambda request: self._note(_has_failed(request), f"not loaded: {request.url}"))
        self.page.on("request", lambda request: self._note(self._is_elsewhere(request.url), f"asked of {request.url}"))

    def open(self, address: str) -> dict[str, Any]:
        """Open a page, wait for its formulas, and return what it says about itself."""
        self.faults = []
        self.page.goto(urljoin(self.root, address), wait_until="load")
        self.page.wait_for_function(TYPESET)
        return dict(self.page.evaluate(PAGE))

    def look(self) -> None:
        """Look at the page that is open, in the light and in the dark, and on a phone."""
        self._note_violations("light", Axe().run(self.page, options=AXE).response["violations"])
        for theme in THEMES:
            self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            answer = self.page.evaluate(COLOURS, {"rules": IN_COLOUR, "readable": [*self.colours[theme]]})
            self._note_violations(theme, answer["violations"])
            self.colours[theme].update(answer["readable"])
        self.page.emulate_media(color_scheme="light")
        for name, size in SIZES.items():
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            wider = self.page.evaluate(WIDER)
            self._note(wider > 0, f"{wider} pixels wider than the {name}'s screen")
        self.page.set_viewport_size(DESK)

    def keep(self, address: str, folder: Path) -> None:
        """Keep pictures of the page that is open."""
        for theme in THEMES:
            self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            for name, size in SIZES.items():
                self.page.set_viewport_size(size)  # type: ignore[arg-type]
                path = folder / name / theme / Path(address).with_suffix(".png")
                self.page.screenshot(path=path, full_page=True)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(DESK)

    def ask(self, language: str, words: str) -> list[str]:
        """Type words into the search, and return the pages that it answers with."""
        self.faults = []
        self.page.goto(urljoin(self.root, f"{language}/search.html?q={words}"), wait_until="load")
        self.page.wait_for_function(ANSWERED)
        links = self.page.eval_on_selector_all("#search-results li a", "all => all.map(a => a.getAttribute('href'))")
        return [str(link).partition(".html")[0] for link in links]

    def _note(self, is_fault: bool, fault: str) -> None:
        if is_fault and fault not in self.faults:
            self.faults.append(fault)

    def _note_violations(self, theme: str, violations: Any) -> None:
        for violation in violations:
            where = ", ".join(str(node["target"][0]) for node in violation["nodes"][:3])
            self._note(True, f"{violation['id']} ({theme}): {where}")

    def _is_elsewhere(self, url: str) -> bool:
        return not url.startswith((self.root, "data:", "blob:", "about:"))


_reader: Reader  # of this process


def _start(chromium: str, root: str) -> None:
    global _reader
    _reader = Reader(chromium, root)


def read(address: str, shots: Path | None) -> tuple[dict[str, Any], list[str]]:
    """Open a page; return what it says about itself, and its faults."""
    about = _reader.open(address)
    if "_modules" not in address:  # listings of code, all alike
        _reader.look()
        if shots is not None:
            _reader.keep(address, shots)
    return about, _reader.faults


def search(language: str, words: str, page: str) -> list[str]:
    """Type words into the search; return its faults, and that it does not find the page that it should."""
    answers = _reader.ask(language, words)
    return _reader.faults + [f"{words} does not find {page}, but {answers[:5]}"] * (page not in answers)


def faults_of(address: str, about: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a page by its own account."""
    folder, _, page = address.partition("/")
    if not about["title"] or about["headings"] != 1:
        yield f"its title is {about['title']!r}, and it has {about['headings']} headings of the first level"
    if not 20 <= len(about["description"]) <= 200:
        yield f"its description has {len(about['description'])} characters, not 20 to 200"
    if len(about["ids"]) != len(set(about["ids"])):
        yield f"ids that stand twice: {sorted({name for name in about['ids'] if about['ids'].count(name) > 1})[:5]}"
    for image in about["images"]:
        yield f"no image at {image}"
    if about["drawings"]:
        yield f"{about['drawings']} drawings that cannot be seen"
    for formula in about["formulas"]:
        yield f"a formula that is not drawn: {formula}"
    if folder in LANGUAGES:
        if about["lang"] != LANGUAGES[folder][0]:
            yield f"its language is {about['lang']!r}"
        other = next(language for language in LANGUAGES if language != folder)
        leads = urljoin(address, about["language"])
        if leads != f"{other}/{page}":
            yield f"the other language's link leads to {leads}"
    if folder == CHINESE.name:
        names = (page.replace(".html", suffix) for suffix in SUFFIXES)
        if about["lag"] != any(lag_of(name) for name in names if (CHINESE / name).exists()):
            yield "its note to readers on the translation is not what it should be: make docs"


def broken_links(found: dict[str, tuple[dict[str, Any], list[str]]]) -> Iterator[tuple[str, str]]:
    """Yield each page with each of its links that leads nowhere in the site."""
    ids = {address: set(about["ids"]) for address, (about, _) in found.items()}
    for address, (about, _) in found.items():
        for link in about["links"]:
            if urlsplit(link).scheme:
                continue
            path, anchor = urldefrag(urljoin(address, link))
            path = unquote(path) + ("index.html" if path.endswith("/") or not path else "")
            if path in ids:
                if anchor and unquote(anchor) not in ids[path] and link != "#":
                    yield address, f"no anchor for {link}"
            elif not (HTML / path).is_file():
                yield address, f"no page for {link}"


def unopened_notebooks(found: dict[str, tuple[dict[str, Any], list[str]]]) -> Iterator[tuple[str, str]]:
    """Yield each page whose notebook is not one."""
    for address, (about, _) in found.items():
        if about["notebook"]:
            path = HTML / urljoin(address, about["notebook"])
            try:
                has_code = any(cell["cell_type"] == "code" for cell in json.loads(path.read_text("utf-8"))["cells"])
            except (OSError, ValueError, KeyError) as error:
                yield address, f"its notebook cannot be read: {error!r}"
            else:
                if not has_code:
                    yield address, "its notebook has no code"


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM") or shutil.which("chromium"))
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="keep a picture of each page")
    parser.add_argument("--only", default="", metavar="WORDS", help="open the pages only whose address has these words")
    arguments = parser.parse_args()
    if not arguments.chromium:
        parser.error("there is no chromium: apt-get install chromium, or name one with --chromium")
    if not (HTML / "index.html").exists():
        parser.error("there is no site: make docs")
    server, root = _serve()
    addresses = [address for address in pages() if arguments.only in address]
    faults: list[tuple[str, str]] = []
    found: dict[str, tuple[dict[str, Any], list[str]]] = {}
    with ProcessPoolExecutor(initializer=_start, initargs=(arguments.chromium, root)) as pool:
        reading = pool.map(functools.partial(read, shots=arguments.screenshots), addresses)
        searches = [
            (f"{language}/search.html?q={words}", pool.submit(search, language, words, page))
            for language, pages in SEARCHES.items()
            for words, page in pages.items()
            if not arguments.only
        ]
        for address, answer in zip(addresses, tqdm(reading, total=len(addresses), unit="page", disable=None)):
            found[address] = answer
        faults += [(address, fault) for address, searching in searches for fault in searching.result()]
    faults += [(address, fault) for address, (_, noted) in found.items() for fault in noted]
    faults += [(address, fault) for address, (about, _) in found.items() for fault in faults_of(address, about)]
    faults += unopened_notebooks(found)
    if not arguments.only:
        faults += broken_links(found)
    server.shutdown()
    for address, fault in sorted(faults):
        print(f"{address}: {fault}")
    print(f"{len(found)} pages, in the light and in the dark, at a desk and on a phone: {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
