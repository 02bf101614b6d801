"""Names of the book's library that are not of the recurrent chapters.

The error for a function of another chapter names that chapter; with the real `d2l` installed, the
function is taken from there. What a release let through by its star imports (``gb.plt``, ``d2l.npx``)
is imported when a document asks for it.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

from gluonrnn.editions import published

__all__ = ["LETS_THROUGH", "look_up", "missing_name", "names_of_release"]

# chapter -> the names that the helper library has from it: of the 2018 edition,
_OF_2018 = {
    "Deep learning basics": "data_iter linreg squared_loss load_data_fashion_mnist get_fashion_mnist_labels "
    "show_fashion_mnist evaluate_accuracy train_ch3 semilogy DataLoader",
    "Convolutional neural networks": "corr2d train_ch5 Residual resnet18",
    "Optimization algorithms": "train_2d show_trace_2d get_data_ch7 train_ch7 train_gluon_ch7 optimize set_fig_size",
    "Computational performance": "Benchmark train",
    "Computer vision": "show_images bbox_to_rect show_bboxes load_data_pikachu download_voc_pascal read_voc_images "
    "voc_label_indices voc_rand_crop VOCSegDataset VOC_CLASSES VOC_COLORMAP voc_rgb_mean voc_rgb_std "
    "load_data_pascal_voc normalize_voc_image mkdir_if_not_exist",
    "Natural language processing": "download_imdb read_imdb get_tokenized_imdb get_vocab_imdb preprocess_imdb "
    "predict_sentiment count_tokens",
}
# and of the 2020-22 edition, with what 2019-20 alone had
_OF_2020 = {
    "Preliminaries": "mkdir_if_not_exist",
    "Linear neural networks": "synthetic_data linreg squared_loss get_fashion_mnist_labels show show_images "
    "get_dataloader_workers load_data_fashion_mnist accuracy evaluate_accuracy train_epoch_ch3 train_ch3 predict_ch3",
    "Convolutional neural networks": "corr2d evaluate_accuracy_gpu train_ch6",
    "Modern convolutional neural networks": "Residual",
    "Attention mechanisms": "MultiHeadAttention transpose_qkv transpose_output PositionalEncoding PositionWiseFFN "
    "AddNorm EncoderBlock TransformerEncoder",
    "Optimization algorithms": "annotate train_2d show_trace_2d get_data_ch10 get_data_ch11 train_ch10 train_ch11 "
    "train_concise_ch11 train_gluon_ch10 train_gluon_ch11",
    "Computational performance": "Benchmark benchmark split_batch resnet18 evaluate_accuracy_gpus",
    "Computer vision": "train_batch_ch12 train_batch_ch13 train_ch12 train_ch13 box_corner_to_center "
    "box_center_to_corner bbox_to_rect multibox_prior show_bboxes box_iou assign_anchor_to_bbox offset_boxes "
    "multibox_target offset_inverse nms multibox_detection read_data_bananas BananasDataset load_data_bananas "
    "download_pikachu load_data_pikachu read_voc_images VOC_COLORMAP VOC_CLASSES build_colormap2label "
    "voc_colormap2label voc_label_indices voc_rand_crop VOCSegDataset load_data_voc read_csv_labels copyfile "
    "reorg_train_valid reorg_test",
    "Natural language processing: pretraining": "read_ptb subsample subsampling get_centers_and_contexts "
    "RandomGenerator get_negatives batchify load_data_ptb TokenEmbedding get_tokens_and_segments BERTEncoder MaskLM "
    "NextSentencePred BERTModel load_data_wiki train_bert",
    "Natural language processing: applications": "read_imdb load_data_imdb predict_sentiment read_snli SNLIDataset "
    "load_data_snli split_batch_multi_inputs predict_snli",
    "Recommender systems": "negative_sampler read_data_ctr read_data_ml100k split_data_ml100k load_data_ml100k "
    "split_and_load_ml100k train_recsys_rating BPRLoss HingeLossbRec hit_and_auc evaluate_ranking train_ranking "
    "CTRDataset",
    "Generative adversarial networks": "update_D update_G",
}


def _chapter_of(names_of: dict[str, str]) -> dict[str, str]:
    return {name: chapter for chapter, names in names_of.items() for name in names.split()}


_CHAPTERS = {"2018": _chapter_of(_OF_2018), "2020-22": _chapter_of(_OF_2020)}
_INSTALL = {
    "2018": "pip install d2lzh",
    "2020-22": "pip install 'gluonrnn[d2l]' and then pip install --no-deps d2l==0.17.6, from where they are taken",
    "gluonrnn.editions.d2l_0_10": "pip install --no-deps d2l==0.10.3",
}
# module -> what errors call it; gluonrnn itself has the names of its chapters' cells, too
_EDITIONS = {
    "gluonrnn": "gluonrnn",
    "gluonrnn.editions.d2l": "gluonrnn.d2l",
    "gluonrnn.editions.d2l_0_11": "gluonrnn.editions.d2l_0_11",
    "gluonrnn.editions.d2l_0_10": "gluonrnn.editions.d2l_0_10",
    "gluonrnn.editions.d2l_0_15": "gluonrnn.editions.d2l_0_15",
    "gluonrnn.editions.gluonbook_0_6": "gluonrnn.editions.gluonbook_0_6",
    "gluonrnn.editions.utils_2017": "gluonrnn.editions.utils_2017",
}
_D2L = ("gluonrnn.editions.d2l", "gluonrnn.editions.d2l_0_11", "gluonrnn.editions.d2l_0_15")

# what a name stands for wherever a release let it through: a module, or "module:what is in it"
_WHAT = {
    "autograd": "mxnet:autograd",
    "backend_inline": "matplotlib_inline.backend_inline",
    "context": "mxnet:context",
    "defaultdict": "collections:defaultdict",
    "display": "IPython.display",
    "exp": "math:exp",
    "gdata": "mxnet.gluon.data",
    "gloss": "mxnet.gluon.loss",
    "gluon": "mxnet:gluon",
    "gutils": "mxnet.gluon.utils",
    "image": "mxnet:image",
    "init": "mxnet:init",
    "mpl": "matplotlib",
    "mx": "mxnet",
    "nd": "mxnet:nd",
    "nn": "mxnet.gluon:nn",
    "nn_Module": "mxnet.gluon:Block",
    "np": "mxnet:np",
    "npx": "mxnet:npx",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "rnn": "mxnet.gluon:rnn",
    "set_matplotlib_formats": "matplotlib_inline.backend_inline:set_matplotlib_formats",  # IPython 9 has it there only
    "text": "mxnet.contrib:text",
    "transforms": "mxnet.gluon.data.vision:transforms",
}


def _names(words: str) -> dict[str, str]:
    """Return what each name stands for: as ``name=what``, in `_WHAT`, or a module of that name."""
    pairs = (word.partition("=") for word in words.split())
    return {name: what or _WHAT.get(name, name) for name, _, what in pairs}


# gluonbook 0.6 has the names of 2017, and an sgd that no chapter calls
_OF_2017 = (
    "autograd exp gluon image mpl mx nd nn np=numpy plt random sgd=gluonrnn.training.optimizers:sgd time=time:time"
)
_OF_AUTUMN_2018 = (
    "autograd collections display gdata gloss gluon gutils image init math mx nd nn np=numpy os plt random sys tarfile "
    "text time zipfile"
)
_OF_2019 = "autograd collections context display gluon image init math nn os plt random re rnn sys tarfile time zipfile"
_OF_2020_ON = "defaultdict np npx pd shutil"
# edition -> what its release let through by its star imports, read off gluonbook 0.6, 0.6.10 and 0.8.10, d2lzh 1.0.0
# and d2l 0.10.3, 0.11.4, 0.15.1 and 0.17.6
LETS_THROUGH = {
    "gluonrnn.editions.utils_2017": _names(_OF_2017),
    "gluonrnn.editions.gluonbook_0_6": _names(
        "autograd gdata gloss gluon gutils image mx nd nn np=numpy os plt random set_matplotlib_formats tarfile "
        "time=time:time"
    ),
    "gluonrnn.editions.gluonbook": _names(_OF_AUTUMN_2018),
    "gluonrnn.editions.d2l_0_10": _names(f"{_OF_2019} nd np=numpy"),
    "gluonrnn.editions.d2l_0_11": _names(f"{_OF_2019} {_OF_2020_ON}"),
    "gluonrnn.editions.d2l_0_15": _names(f"{_OF_2019} {_OF_2020_ON} hashlib requests"),
    "gluonrnn.editions.d2l": _names(
        f"{_OF_2019} {_OF_2020_ON} hashlib requests backend_inline nn_Module transforms USE_MXNET=builtins:True "
        "USE_PYTORCH=builtins:False USE_TENSORFLOW=builtins:False"
    ),
}
# what its chapters define in their own cells, which an edition has and its release did not
_CELLS = "get_gru_params get_lstm_params get_params gru init_gru_state init_lstm_state init_rnn_state lstm rnn"
_OWN = {"gluonrnn.editions.d2l": f"{_CELLS} Seq2SeqDecoder", "gluonrnn.editions.d2l_0_15": _CELLS}


def names_of_release(edition: str) -> dict[str, str]:
    """Return the names of an edition that its release had too, each with what it stands for.

    That is "" for a name of the edition, and for what the release let through, where it is installed, its place.

    Examples
    --------
    >>> names = names_of_release("gluonrnn.editions.d2l")
    >>> names["rnn"], names["train_ch8"], "gru" in names
    ('mxnet.gluon:rnn', '', False)
    """
    own = set(importlib.import_module(edition).__all__).difference(_OWN.get(edition, "").split())
    let_through = {
        name: what for name, what in LETS_THROUGH[edition].items() if published.place_of(re.split("[.:]", what)[0])
    }
    return {**dict.fromkeys(own, ""), **let_through}


def look_up(name: str, module: str) -> Any:
    """Return what the book's library has under a name that is not of the recurrent chapters.

    That is what it let through, or for `d2l`, what the real package has, if it is installed. Otherwise an
    `AttributeError` names the chapter, or the editions that have the name.

    Examples
    --------
    >>> look_up("nd", "gluonrnn.editions.gluonbook").__name__
    'mxnet.ndarray'
    """
    let_through = LETS_THROUGH.get(module, {})
    if name in let_through:
        place, _, what = let_through[name].partition(":")
        return getattr(importlib.import_module(place), what) if what else importlib.import_module(place)
    # what it is to find there must be known, or the many names that Python and IPython ask for would load it
    if module in _D2L and name in _CHAPTERS["2020-22"]:
        real = _real_d2l(name)
        if hasattr(real, name):
            return getattr(real, name)
    raise AttributeError(missing_name(name, module))


def _real_d2l(name: str) -> Any:
    try:
        return published.import_real("d2l.mxnet")
    except ImportError as error:
        raise AttributeError(
            f"{name!r} is taken from the real d2l, which is installed but cannot be imported ({error}): "
            "pip install 'gluonrnn[d2l]'"
        ) from None


def missing_name(name: str, module: str) -> str:
    """Return what to say of a name that a module lacks.

    That is its chapter and what to install, if the book's library has it; the editions that have it, of
    those that share one the first; or the line that imports it, if it is another library's.

    Examples
    --------
    >>> missing_name("train_ch3", "gluonrnn")
    "'train_ch3' is from the chapter 'Deep learning basics' (2018 edition), and gluonrnn covers the recurrent \
chapters only: pip install d2lzh"
    >>> missing_name("train_s2s_ch9", "gluonrnn.editions.d2l")
    "'train_s2s_ch9' is a name of another edition: use gluonrnn.editions.d2l_0_11.train_s2s_ch9 or \
gluonrnn.editions.d2l_0_10.train_s2s_ch9 or gluonrnn.editions.d2l_0_15.train_s2s_ch9"
    >>> missing_name("nd", "gluonrnn")
    "gluonrnn shows its own names only, and 'nd' is another library's: write from mxnet import nd"
    >>> missing_name("no_such_name", "gluonrnn")
    "module 'gluonrnn' has no attribute 'no_such_name'"
    """
    called = "gluonrnn" if module == "gluonrnn.editions.gluonbook" else _EDITIONS.get(module, module)
    if name.startswith("_"):  # Python and IPython ask for many such
        return f"module {called!r} has no attribute {name!r}"
    if name in _OWN.get(module, "").split():
        return f"{name!r} is defined by a chapter, and not by its library: use {called}.{name}"
    having: dict[int, str] = {}
    for edition, its_name in _EDITIONS.items():
        its = importlib.import_module(edition)
        if name in its.__all__:
            having.setdefault(id(getattr(its, name)), f"{its_name}.{name}")
    if having:
        return f"{name!r} is a name of another edition: use {' or '.join(having.values())}"
    let_through = LETS_THROUGH["gluonrnn.editions.gluonbook"]
    if module == "gluonrnn" and name in let_through:
        line = _import_line(name, let_through[name])
        return f"gluonrnn shows its own names only, and {name!r} is another library's: write {line}"
    years = "2020-22" if "d2l" in called else "2018"
    # a name of the other years is as well explained by those
    for edition in sorted(_CHAPTERS, key=lambda other: other != years):
        if name in _CHAPTERS[edition]:
            return (
                f"{name!r} is from the chapter {_CHAPTERS[edition][name]!r} ({edition} edition), and gluonrnn covers "
                f"the recurrent chapters only: {_INSTALL.get(module, _INSTALL[edition])}"
            )
    return f"module {called!r} has no attribute {name!r}"


def _import_line(name: str, what: str) -> str:
    """Return the line that imports what a name stands for."""
    place, _, attribute = what.partition(":")
    if attribute:
        return f"from {place} import {name}"
    return f"import {name}" if place == name else f"import {place} as {name}"
