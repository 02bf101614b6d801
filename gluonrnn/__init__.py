"""The recurrent-network chapters of *Dive into Deep Learning*, on Apache MXNet 1.9.1.

``import gluonrnn as gb`` stands in for ``import gluonbook as gb`` and ``import d2lzh``: the names
of that edition are here, with their parameters and their semantics, and so is what its chapters
define in their own cells; ``from gluonrnn import d2l`` stands in for ``from d2l import mxnet as
d2l``. `fit`, `load` and `LanguageModel` lead from a text to a model that writes in three calls, and
`resume` goes on with what was interrupted.
"""

from __future__ import annotations

import os as _os
import sys as _sys

from gluonrnn import _machine as _machine
from gluonrnn import _mxnet
from gluonrnn.errors import (
    CheckpointWarning,
    CorpusNotFoundError,
    CorpusWarning,
    DeviceWarning,
    ModelFileError,
    NonFiniteLossError,
    NonFiniteLossWarning,
    StopTraining,
    UnknownCharacterError,
)
from gluonrnn.version import __version__


def _is_command() -> bool:
    """Return whether this process is the command ``gluonrnn``, and not somebody's own Python."""
    program = (getattr(_sys, "argv", None) or [""])[0]
    if program == "-m":  # as long as Python looks for the module
        return "gluonrnn" in getattr(_sys, "orig_argv", ["gluonrnn"])  # which Python 3.10 and later have
    return _os.path.splitext(_os.path.basename(program))[0] == "gluonrnn"


if _is_command() and _sys.argv[1:2] in (["train"], ["generate"]):
    _machine.use_all_cores(_os.environ)  # now, since MXNet looks there when it is loaded
try:
    _mxnet.load()
except ImportError as _error:
    # The command itself starts all the same, so that `gluonrnn doctor` can say what is wrong.
    if not _is_command():
        raise
    _cause = str(_error)

    def __getattr__(name: str) -> object:
        raise ImportError(_cause)
else:
    from gluonrnn._machine import set_num_threads
    from gluonrnn.cli.doctor import doctor
    from gluonrnn.corpus.lookup import fetch_corpus, find_corpus, load_corpus
    from gluonrnn.corpus.text import Corpus
    from gluonrnn.editions import d2l as d2l  # shown, and in no star import
    from gluonrnn.editions import other_chapters as _elsewhere
    from gluonrnn.editions.aliases import (
        install_aliases,
        load_ipython_extension,
        remove_aliases,
        unload_ipython_extension,
    )
    from gluonrnn.editions.d2l import RNNModelScratch, predict_ch8, train_ch8, train_epoch_ch8
    from gluonrnn.editions.gluonbook import (
        RNNModel,
        data_iter_consecutive,
        data_iter_random,
        grad_clipping,
        load_data_jay_lyrics,
        load_data_time_machine,
        predict_rnn,
        predict_rnn_gluon,
        set_figsize,
        sgd,
        to_onehot,
        train_and_predict_rnn,
        train_and_predict_rnn_gluon,
        try_all_gpus,
        try_gpu,
        use_svg_display,
    )
    from gluonrnn.models import (
        get_gru_params,
        get_lstm_params,
        get_params,
        gru,
        init_gru_state,
        init_lstm_state,
        init_rnn_state,
        lstm,
        rnn,
    )
    from gluonrnn.training.fitting import fit, resume
    from gluonrnn.training.language_model import LanguageModel, load
    from gluonrnn.training.loop import Epoch, seed
    from gluonrnn.training.options import Options

    def __getattr__(name: str) -> object:
        return _elsewhere.look_up(name, __name__)


__all__ = [
    "CheckpointWarning",
    "Corpus",
    "CorpusNotFoundError",
    "CorpusWarning",
    "DeviceWarning",
    "Epoch",
    "LanguageModel",
    "ModelFileError",
    "NonFiniteLossError",
    "NonFiniteLossWarning",
    "Options",
    "RNNModel",
    "RNNModelScratch",
    "StopTraining",
    "UnknownCharacterError",
    "__version__",
    "data_iter_consecutive",
    "data_iter_random",
    "doctor",
    "fetch_corpus",
    "find_corpus",
    "fit",
    "get_gru_params",
    "get_lstm_params",
    "get_params",
    "grad_clipping",
    "gru",
    "init_gru_state",
    "init_lstm_state",
    "init_rnn_state",
    "install_aliases",
    "load",
    "load_corpus",
    "load_data_jay_lyrics",
    "load_data_time_machine",
    "load_ipython_extension",
    "lstm",
    "predict_ch8",
    "predict_rnn",
    "predict_rnn_gluon",
    "remove_aliases",
    "resume",
    "rnn",
    "seed",
    "set_figsize",
    "set_num_threads",
    "sgd",
    "to_onehot",
    "train_and_predict_rnn",
    "train_and_predict_rnn_gluon",
    "train_ch8",
    "train_epoch_ch8",
    "try_all_gpus",
    "try_gpu",
    "unload_ipython_extension",
    "use_svg_display",
]


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
