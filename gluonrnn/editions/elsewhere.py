"""Names of the book's library that are not of the recurrent chapters.

Functions of other chapters are named with their chapter, or taken from the real `d2l` where that
is installed. Modules that the library let through by its star import (``gb.plt``, ``d2l.npx``)
are imported when a document asks for them.
"""

from __future__ import annotations

import importlib
from typing import Any

from gluonrnn.editions import published

__all__ = ["look_up", "missing_name"]

# chapter -> the names that the helper library has from it: of the 2018 edition,
_OF_2018 = {
    "Deep learning basics": "data_iter linreg squared_loss load_data_fashion_mnist get_fashion_mnist_labels "
    "show_fashion_mnist evaluate_accuracy train_ch3 semilogy",
    "Convolutional neural networks": "corr2d train_ch5 Residual resnet18",
    "Optimization algorithms": "train_2d show_trace_2d get_data_ch7 train_ch7 train_gluon_ch7",
    "Computational performance": "Benchmark train",
    "Computer vision": "show_images bbox_to_rect show_bboxes load_data_pikachu download_voc_pascal read_voc_images "
    "voc_label_indices voc_rand_crop VOCSegDataset VOC_CLASSES VOC_COLORMAP mkdir_if_not_exist",
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
    "gluonrnn.editions.d2l010nd": "pip install --no-deps d2l==0.10.3",
}
_D2L = ("gluonrnn.d2l", "gluonrnn.editions.d2l010", "gluonrnn.editions.d2l015")
# where a name is looked for when an edition lacks it, and what Python imports
_EDITIONS = {
    "gluonrnn": "gluonrnn.editions.gluonbook",
    "gluonrnn.d2l": "gluonrnn.editions.d2l",
    "gluonrnn.editions.d2l010": "gluonrnn.editions.d2l010",
    "gluonrnn.editions.d2l010nd": "gluonrnn.editions.d2l010nd",
    "gluonrnn.editions.d2l015": "gluonrnn.editions.d2l015",
    "gluonrnn.editions.gluonbook06": "gluonrnn.editions.gluonbook06",
    "gluonrnn.editions.utils": "gluonrnn.editions.utils",
}

_LET_THROUGH = {
    "autograd": "mxnet.autograd",
    "display": "IPython.display",
    "gdata": "mxnet.gluon.data",
    "gloss": "mxnet.gluon.loss",
    "gluon": "mxnet.gluon",
    "gutils": "mxnet.gluon.utils",
    "image": "mxnet.image",
    "init": "mxnet.initializer",
    "mx": "mxnet",
    "nd": "mxnet.ndarray",
    "nn": "mxnet.gluon.nn",
    "np": "numpy",
    "plt": "matplotlib.pyplot",
    **{name: name for name in ("collections", "math", "os", "random", "sys", "tarfile", "time", "zipfile")},
}
_D2L_LETS_THROUGH = {
    **_LET_THROUGH,
    "context": "mxnet.context",
    "np": "mxnet.numpy",
    "npx": "mxnet.numpy_extension",
    "pd": "pandas",
    "transforms": "mxnet.gluon.data.vision.transforms",
    **{name: name for name in ("hashlib", "re", "requests", "shutil")},
}
_LETS_THROUGH = {
    **dict.fromkeys(_D2L, _D2L_LETS_THROUGH),
    "gluonrnn.editions.d2l010nd": {
        **_LET_THROUGH,
        "context": "mxnet.context",
        "re": "re",
        "rnn": "mxnet.gluon.rnn",
    },
}


def look_up(name: str, module: str) -> Any:
    """Return what the book's library has under a name that is not of the recurrent chapters.

    Parameters
    ----------
    name : str
        The name asked for.
    module : str
        The module it was asked of.

    Returns
    -------
    object
        The module that the book's library let through under that name; for `d2l`, also what the
        real package has, if it is installed.

    Raises
    ------
    AttributeError
        Otherwise; it names the chapter, or the editions that have the name.

    Examples
    --------
    >>> look_up("nd", "gluonrnn").__name__
    'mxnet.ndarray'
    """
    let_through = _LETS_THROUGH.get(module, _LET_THROUGH)
    if name in let_through:
        return importlib.import_module(let_through[name])
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
    """Return what to say of a name that gluonrnn lacks.

    Parameters
    ----------
    name : str
        The name asked for.
    module : str
        The module it was asked of.

    Returns
    -------
    str
        Its chapter and what to install, if the book's library has it; the editions that have it,
        of those that share one the first.

    Examples
    --------
    >>> missing_name("train_ch3", "gluonrnn")
    "'train_ch3' is from the chapter 'Deep learning basics' (2018 edition), and gluonrnn covers the recurrent \
chapters only: pip install d2lzh"
    >>> missing_name("train_s2s_ch9", "gluonrnn.d2l")
    "'train_s2s_ch9' is a name of another edition: use gluonrnn.editions.d2l010.train_s2s_ch9 or \
gluonrnn.editions.d2l010nd.train_s2s_ch9 or gluonrnn.editions.d2l015.train_s2s_ch9"
    >>> missing_name("no_such_name", "gluonrnn")
    "module 'gluonrnn' has no attribute 'no_such_name'"
    """
    if name.startswith("_"):  # Python and IPython ask for many such
        return f"module {module!r} has no attribute {name!r}"
    having: dict[int, str] = {}
    for edition, place in _EDITIONS.items():
        its = importlib.import_module(place)
        if edition != module and name in its.__all__:
            having.setdefault(id(getattr(its, name)), f"{edition}.{name}")
    if having:
        return f"{name!r} is a name of another edition: use {' or '.join(having.values())}"
    years = "2020-22" if module in _LETS_THROUGH else "2018"
    # a name of the other years is as well explained by those
    for edition in sorted(_CHAPTERS, key=lambda other: other != years):
        if name in _CHAPTERS[edition]:
            return (
                f"{name!r} is from the chapter {_CHAPTERS[edition][name]!r} ({edition} edition), and gluonrnn covers "
                f"the recurrent chapters only: {_INSTALL.get(module, _INSTALL[edition])}"
            )
    return f"module {module!r} has no attribute {name!r}"
