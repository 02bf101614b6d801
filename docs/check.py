"""Read the built site as a reader does: ``make docs-check`` opens every page of both languages in headless Chromium.

Each page, at a desk and on a phone, in the light and in the dark: no error in the console, no request to another
host, no broken link, anchor or image, every formula drawn, nothing wider than the screen, the other language one click
away, and what axe-core finds of WCAG 2 (titles, languages, alternative texts, contrast, labels). And the search
answers.
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
from translations import LANGUAGES

HTML = Path(__file__).parent / "_build" / "html"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
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
AXE = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}

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

    def __init__(self, playwright: Any, chromium: str, root: str) -> None:
        """Start it."""
        self.root = root
        self.browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        self.page: Page = self.browser.new_page(viewport=DESK)
        self.faults: list[str] = []
        self.page.on("console", lambda message: self._note(message.type == "error", f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self._note(True, f"script: {error}"))
        self.page.on("requestfailed", lambda request: self._note(_has_failed(request), f"not loaded: {request.url}"))
        self.page.on("request", lambda request: self._note(self._is_elsewhere(request.url), f"asked of {request.url}"))

    def open(self, address: str) -> dict[str, Any]:
        """Open a page, wait for its formulas, and return what it says about itself."""
        self.faults = []
        self.page.set_viewport_size(DESK)
        self.page.goto(urljoin(self.root, address), wait_until="load")
        self.page.wait_for_function(TYPESET)
        return dict(self.page.evaluate(PAGE))

    def look(self, address: str, shots: Path | None) -> None:
        """Look at the page that is open, on a phone and in the dark."""
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            for violation in Axe().run(self.page, options=AXE).response["violations"]:
                where = ", ".join(str(node["target"][0]) for node in violation["nodes"][:3])
                self._note(True, f"{violation['id']} ({theme}, {len(violation['nodes'])} times): {where}")
            for name, size in (("desk", DESK), ("phone", PHONE)):
                self.page.set_viewport_size(size)  # type: ignore[arg-type]
                wider = self.page.evaluate(WIDER)
                self._note(wider > 0, f"{wider} pixels wider than the {name}'s screen")
                if shots is not None:
                    path = shots / name / theme / Path(address).with_suffix(".png")
                    self.page.screenshot(path=path, full_page=True)
            self.page.set_viewport_size(DESK)
        self.page.emulate_media(color_scheme="light")

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

    def _is_elsewhere(self, url: str) -> bool:
        return not url.startswith((self.root, "data:", "blob:", "about:"))


def read(
    addresses: list[str], chromium: str, root: str, shots: Path | None
) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Open pages one after another; return what each says about itself, and its faults."""
    with sync_playwright() as playwright:
        reader = Reader(playwright, chromium, root)
        found = {}
        for address in addresses:
            about = reader.open(address)
            if "_modules" not in address:  # listings of code, all alike
                reader.look(address, shots)
            found[address] = (about, reader.faults)
        return found


def faults_of(address: str, about: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a page by its own account."""
    folder = address.partition("/")[0]
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
        if leads != f"{other}/{address.partition('/')[2]}":
            yield f"the other language's link leads to {leads}"


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


def unanswered(chromium: str, root: str) -> Iterator[tuple[str, str]]:
    """Yield each search that does not find the page it should."""
    with sync_playwright() as playwright:
        reader = Reader(playwright, chromium, root)
        for language, searches in SEARCHES.items():
            for words, page in searches.items():
                answers = reader.ask(language, words)
                if page not in answers:
                    yield f"{language}/search.html", f"{words} does not find {page}, but {answers[:5]}"
                for fault in reader.faults:
                    yield f"{language}/search.html?q={words}", fault


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
    workers = os.cpu_count() or 1
    shares = [addresses[start :: workers * 4] for start in range(workers * 4)]
    found: dict[str, tuple[dict[str, Any], list[str]]] = {}
    with ProcessPoolExecutor(workers) as pool, tqdm(total=len(addresses), unit="page", disable=None) as bar:
        reading = functools.partial(read, chromium=arguments.chromium, root=root, shots=arguments.screenshots)
        for share in pool.map(reading, shares):
            found.update(share)
            bar.update(len(share))
    faults = [(address, fault) for address, (_, noted) in found.items() for fault in noted]
    faults += [(address, fault) for address, (about, _) in found.items() for fault in faults_of(address, about)]
    faults += unopened_notebooks(found)
    if not arguments.only:
        faults += [*broken_links(found), *unanswered(arguments.chromium, root)]
    server.shutdown()
    for address, fault in sorted(faults):
        print(f"{address}: {fault}")
    print(f"{len(found)} pages, in the light and in the dark, at a desk and on a phone: {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
