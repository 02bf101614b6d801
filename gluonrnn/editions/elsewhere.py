"""Names of the book's library that are not of the recurrent chapters.

Functions of other chapters are named with their chapter. Modules that the library let through by
its star import (``gb.plt``, ``gb.nd``) are imported when a document asks for them.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["look_up", "missing_name"]

# chapter of the 2018 edition -> the names that its helper library has from it
_ELSEWHERE = {
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
_CHAPTER_OF = {name: chapter for chapter, names in _ELSEWHERE.items() for name in names.split()}


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
    module
        If the book's library let a module through under that name.

    Raises
    ------
    AttributeError
        Otherwise; it names the chapter, if there is one.

    Examples
    --------
    >>> look_up("nd", "gluonrnn").__name__
    'mxnet.ndarray'
    """
    if name in _LET_THROUGH:
        return importlib.import_module(_LET_THROUGH[name])
    raise AttributeError(missing_name(name, module))


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
        Its chapter and what to install, if the book's library has it.

    Examples
    --------
    >>> missing_name("train_ch3", "gluonrnn")
    "'train_ch3' is from the chapter 'Deep learning basics' (2018 edition), and gluonrnn covers the recurrent \
chapters only: pip install d2lzh"
    >>> missing_name("no_such_name", "gluonrnn")
    "module 'gluonrnn' has no attribute 'no_such_name'"
    """
    if name in _CHAPTER_OF:
        return (
            f"{name!r} is from the chapter {_CHAPTER_OF[name]!r} (2018 edition), and gluonrnn covers the recurrent "
            "chapters only: pip install d2lzh"
        )
    return f"module {module!r} has no attribute {name!r}"
