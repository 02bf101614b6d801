"""The edition of 2017, when the tutorials did ``import utils``.

It is `gluonrnn.editions.gluonbook_0_6` under older names, and has no `vocab_size`.
"""

from __future__ import annotations

from typing import Any

from gluonrnn._checks import check_callable, check_list
from gluonrnn.corpus.batches import data_iter_consecutive, data_iter_random
from gluonrnn.corpus.text import Corpus
from gluonrnn.devices import try_all_gpus, try_gpu
from gluonrnn.editions import gluonbook_0_6, other_chapters
from gluonrnn.editions.declarations import Edition
from gluonrnn.editions.gluonbook_0_6 import CellModel
from gluonrnn.editions.signatures import guard_order
from gluonrnn.training import optimizers

__all__ = [
    "SGD",
    "data_iter_consecutive",
    "data_iter_random",
    "grad_clipping",
    "predict_rnn",
    "train_and_predict_rnn",
    "try_all_gpus",
    "try_gpu",
]

_edition = Edition("gluonrnn.editions.utils_2017", "The library ``utils`` of the 2017 tutorials.")
_in_order = guard_order("gluonrnn.editions.utils_2017")

SGD = _in_order(
    _edition.renamed(
        optimizers.sgd,
        "SGD",
        calls=lambda params, lr: optimizers.sgd(params, lr, 1),
        without=["batch_size"],
        docs={
            "": "Take one step of gradient descent, in place: ``param - lr * gradient``.",
            "`lr` is no finite number, or `batch_size` none above 0.": "or `lr` is no finite number.",
            "Examples": """
                >>> from mxnet import nd
                >>> w = nd.array([1.0, 2.0])
                >>> w.attach_grad()
                >>> w.grad[:] = 1
                >>> SGD([w], lr=0.5)
                >>> w.asnumpy().tolist()
                [0.5, 1.5]
                """,
        },
    )
)
grad_clipping = _in_order(
    _edition.renamed(
        optimizers.grad_clipping,
        docs={">>> w =": ">>> from mxnet import nd\n>>> w ="},
        theta="clipping_norm",
    )
)


def _generate(rnn: Any, prefix: Any, num_chars: Any, params: Any, hidden_dim: Any, *rest: Any) -> str:
    ctx, idx_to_char, char_to_idx, get_inputs, is_lstm = rest
    check_callable("rnn", rnn)
    check_callable("get_inputs", get_inputs)
    model = CellModel(rnn, params, get_inputs, hidden_dim, is_lstm)
    return model.generate(prefix, num_chars, ctx, idx_to_char, char_to_idx)


def _train(rnn: Any, *arguments: Any, **options: Any) -> None:
    *schedule, get_inputs, ctx, corpus_indices, idx_to_char, char_to_idx, is_lstm = arguments
    hidden_dim = schedule[3]
    check_callable("rnn", rnn)
    check_callable("get_inputs", get_inputs)
    check_list("idx_to_char", [] if isinstance(idx_to_char, str) else idx_to_char, "characters")
    gluonbook_0_6.train(
        lambda params: CellModel(rnn, params, get_inputs, hidden_dim, is_lstm),
        *[*schedule, ctx, Corpus(corpus_indices, char_to_idx, idx_to_char, len(idx_to_char))],
        lines=lambda result, samples: [
            f"Epoch {result.epoch}. Training perplexity {result.perplexity:f}",
            *samples,
            "",
        ],
        **options,
    )


_ONE_HOT = {
    "and `vocab_size` to one one-hot matrix for each time step, such as `to_onehot`.": (
        "to one one-hot matrix for each time step."
    )
}

predict_rnn = _in_order(
    _edition.renamed(
        gluonbook_0_6.predict_rnn,
        calls=_generate,
        without=["vocab_size"],
        docs={
            **_ONE_HOT,
            "4, 3, gb.try_gpu()": "4, gb.try_gpu()",
            "gb.to_onehot)": "lambda X: gb.to_onehot(X, 3))",
        },
        num_hiddens="hidden_dim",
    )
)
train_and_predict_rnn = _in_order(
    _edition.renamed(
        gluonbook_0_6.train_and_predict_rnn,
        calls=_train,
        without=["vocab_size"],
        docs={
            **_ONE_HOT,
            "4, vocab_size, 60": "4, 60",
            "gb.to_onehot,": "lambda X: gb.to_onehot(X, vocab_size),",
            "# doctest: +ELLIPSIS <BLANKLINE> epoch 60, perplexity 1... -  over and over over": (
                "# doctest: +ELLIPSIS\nEpoch 60. Training perplexity 1...\n -  over and over over\n<BLANKLINE>"
            ),
        },
        num_epochs="epochs",
        num_hiddens="hidden_dim",
        lr="learning_rate",
        clipping_theta="clipping_norm",
        prefixes="seqs",
    )
)


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
