"""Reproduce the perplexities that the book published for its RNN from scratch.

Trains on the real texts (``GLUONRNN_DATA=FOLDER``) in three editions, by both samplings with three
seeds, and prints tables in Markdown: every run, the median, and its distance from the published
figure. If every median is close enough, it writes them into the page "Results" of both languages,
whose words are in ``benchmarks/results.*.md``, and exits 0. ``--only`` prints, and writes no page.
Takes about 25 minutes on two idle cores.

    GLUONRNN_DATA=FOLDER python benchmarks/published_perplexity.py
"""

from __future__ import annotations

import argparse
import contextlib
import io
import platform
import re
import runpy
import statistics
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, NamedTuple, Tuple

import numpy

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn._files import atomic_write
from gluonrnn._mxnet import mx
from gluonrnn.editions import utils_2017
from gluonrnn.fast import Blocks
from gluonrnn.models.cells import network_of_cell

TOLERANCE = 0.15
TEMPLATES, PAGES = Path(__file__).parent, Path(__file__).parents[1] / "docs"
TRANSLATIONS = PAGES / "translations.py"
Perplexities = Dict[int, float]


class Words(NamedTuple):
    """What the rows of a table are called in one language."""

    epoch: str
    seed: str
    median: str
    published: str
    distance: str
    most: str


WORDS = {
    "en": Words("perplexity at epoch", "seed", "median", "published", "median against published", "to stay below"),
    "zh-cn": Words("各迭代周期的困惑度", "种子", "中位数", "书中公布", "中位数相对公布值", "须低于"),
}


class Experiment(NamedTuple):
    """A training that the book shows, and what it shows of it."""

    run: Callable[[bool, int, Callable[..., None]], Any]
    published: dict[str, Perplexities]
    most: bool = False  # whether `published` has the most that is allowed, and not what to be close to


def of_2018(is_random: bool, seed: int, keep: Callable[..., None]) -> None:
    """Train as chapter "RNN from scratch" of the 2018 edition does."""
    corpus_indices, char_to_idx, idx_to_char, vocab_size = gb.load_data_jay_lyrics()
    gb.train_and_predict_rnn(
        gb.rnn, gb.get_params, gb.init_rnn_state, 256, vocab_size, gb.try_gpu(), corpus_indices, idx_to_char,
        char_to_idx, is_random, 200, 35, 1e2, 1e-2, 32, 0, 50, ["分开", "不分开"], seed=seed, callback=keep,
    )  # fmt: skip


def of_2017(is_random: bool, seed: int, keep: Callable[..., None]) -> None:
    """Train as the 2017 tutorial does: summed loss, learning rate 0.2, clipping at 5."""
    corpus_indices, char_to_idx, idx_to_char, vocab_size = gb.load_corpus("jaychou-2017")
    blocks = Blocks()

    def rnn(X: Any, H: Any, *params: Any) -> tuple[list[Any], Any]:
        # the package's own cell in the form of 2017, which takes parameters one by one
        scores, (H,) = network_of_cell(gb.rnn, params, vocab_size, blocks)(X, (H,))
        return [scores], H

    gb.seed(seed)
    utils_2017.train_and_predict_rnn(
        rnn, is_random, 200, 35, 256, 0.2, 5, 32, 0, 100, ["分开", "不分开"],
        lambda: gb.get_params(vocab_size, 256, gb.try_gpu()), lambda X: X, gb.try_gpu(), corpus_indices, idx_to_char,
        char_to_idx, callback=keep,
    )  # fmt: skip


def of_2022(is_random: bool, seed: int, keep: Callable[..., None]) -> None:
    """Train as section 8.5 of the 2020-22 edition does."""
    device = d2l.try_gpu()
    gb.seed(seed)
    train_iter, vocab = d2l.load_data_time_machine(32, 35, use_random_iter=is_random)
    net = d2l.RNNModelScratch(len(vocab), 512, device, d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    d2l.train_ch8(net, train_iter, vocab, 1, 500, device, is_random, callback=keep)


EXPERIMENTS = {
    "2018": Experiment(
        of_2018,
        {
            "random": {50: 69.470822, 100: 9.787908, 150: 2.838760, 200: 1.563728},
            "consecutive": {50: 59.698101, 100: 6.61, 150: 1.97, 200: 1.38},
        },
    ),
    "2017": Experiment(
        of_2017,
        {
            "random": dict(zip(range(20, 201, 20), (219.4, 85.6, 30.3, 13.3, 7.06, 4.72, 3.52, 2.90, 2.52, 2.25))),
            "consecutive": dict(zip(range(20, 201, 20), (217.7, 66.8, 21.4, 9.11, 5.13, 3.55, 2.88, 2.47, 2.21, 2.06))),
        },
    ),
    "2022": Experiment(of_2022, {"random": {500: 1.6}, "sequential": {500: 1.1}}, most=True),
}
Measurements = Dict[Tuple[str, str], Dict[int, Perplexities]]  # by experiment and sampling, then by seed


def medians_of(runs: dict[int, Perplexities], epochs: Iterable[int]) -> Perplexities:
    """Return the median of all seeds at each epoch."""
    return {epoch: statistics.median(seen[epoch] for seen in runs.values()) for epoch in epochs}


def is_close(experiment: Experiment, sampling: str, runs: dict[int, Perplexities]) -> bool:
    """Return whether every median is close enough to what is published, or below what is allowed."""
    published = experiment.published[sampling]
    medians = medians_of(runs, published)
    if experiment.most:
        return all(medians[epoch] < published[epoch] for epoch in published)
    return all(abs(medians[epoch] / published[epoch] - 1) <= TOLERANCE for epoch in published)


def table(experiment: Experiment, sampling: str, runs: dict[int, Perplexities], words: Words) -> str:
    """Return the table of one sampling in one language."""
    published = experiment.published[sampling]
    medians = medians_of(runs, published)
    header = [words.epoch, *map(str, published)]
    rows = [[f"{words.seed} {seed}", *(f"{seen[epoch]:.2f}" for epoch in published)] for seed, seen in runs.items()]
    rows.append([f"**{words.median}**", *(f"**{median:.2f}**" for median in medians.values())])
    figures = [f"{figure:.2f}" for figure in published.values()]
    if experiment.most:
        rows.append([words.most, *figures])
    else:
        rows.append([words.published, *figures])
        rows.append([words.distance, *(f"{medians[epoch] / published[epoch] - 1:+.1%}" for epoch in published)])
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, ["---"] * len(header), *rows))


def versions() -> dict[str, str]:
    """Return what the pages say of this machine, by the names that their templates have for it."""
    return {
        "gluonrnn": gb.__version__,
        "mxnet": mx.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def page(language: str, measurements: Measurements) -> str:
    """Return the page in one language: its template, with a table or a version in each place that has two braces."""
    parts = versions()
    for (name, sampling), runs in measurements.items():
        parts[f"{name} {sampling}"] = table(EXPERIMENTS[name], sampling, runs, WORDS[language])
    template = (TEMPLATES / f"results.{language}.md").read_text(encoding="utf-8")
    return re.sub(r"\{\{(.+?)\}\}", lambda place: parts[place[1]], template)


def write_pages(measurements: Measurements, folder: Path) -> None:
    """Write the page of both languages; the Chinese one says of which English one it is the translation."""
    stamp_of = runpy.run_path(str(TRANSLATIONS))["stamp_of"]
    english, chinese = (folder / language / "results.md" for language in ("en", "zh-cn"))
    with atomic_write(english) as temporary:
        temporary.write_bytes(page("en", measurements).encode())
    stamped = page("zh-cn", measurements).replace("translation-of:", f"translation-of: {stamp_of(english)}", 1)
    with atomic_write(chinese) as temporary:
        temporary.write_bytes(stamped.encode())


def measured(name: str, sampling: str, seed: int) -> Perplexities:
    """Train once, and return the perplexity at each epoch that the book shows."""
    experiment = EXPERIMENTS[name]
    seen: Perplexities = {}

    def keep(epoch: int, perplexity: float, seconds: float, samples: list[str]) -> None:
        if epoch in experiment.published[sampling]:
            seen[epoch] = perplexity
            print(f"{name}, {sampling}, seed {seed}, epoch {epoch}: {perplexity:.4f}", file=sys.stderr, flush=True)

    with contextlib.redirect_stdout(io.StringIO()):  # the lines of the edition
        experiment.run(sampling == "random", seed, keep)
    return seen


def main() -> int:
    """Measure, print the tables, write the pages, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", choices=EXPERIMENTS, nargs="+", help="print these tables, and write no page")
    arguments = parser.parse_args()
    measurements: Measurements = {}
    all_close = True
    for name in arguments.only or EXPERIMENTS:
        experiment = EXPERIMENTS[name]
        for sampling in experiment.published:
            runs = {seed: measured(name, sampling, seed) for seed in arguments.seeds}
            measurements[name, sampling] = runs
            print(
                f"\n{name}, {sampling} sampling\n", table(experiment, sampling, runs, WORDS["en"]), sep="\n", flush=True
            )
            all_close &= is_close(experiment, sampling, runs)
    if not all_close:
        print("\nA median is too far from what is published: no page was written.", file=sys.stderr)
        return 1
    if not arguments.only:
        write_pages(measurements, PAGES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
