"""From options to a network, from a network to named weights, and back."""

from __future__ import annotations

from typing import Any

from gluonrnn._arrays import using_nd
from gluonrnn._mxnet import mx, nd
from gluonrnn.models import CELLS, CellModel
from gluonrnn.models.layers import RNNModel
from gluonrnn.threads import pushing
from gluonrnn.training.optimizers import SGD, Optimizer, block_sgd
from gluonrnn.training.options import Options

__all__ = ["network_from", "new_network", "optimizer_of", "weight_shapes", "weights_of"]


@pushing()
@using_nd()
def new_network(options: Options, vocab_size: int, ctx: Any) -> Any:
    """Return an untrained network."""
    if options.layers == "library":
        return _block(options, vocab_size, ctx, mx.init.Normal(0.01))
    cell = CELLS[options.cell]
    params = cell.get_params(vocab_size, options.num_hiddens, ctx)
    return CellModel(cell.forward, params, cell.init_state, options.num_hiddens, vocab_size)


def optimizer_of(network: Any, options: Options) -> Optimizer:
    """Return the optimizer that a run of these options trains the network with."""
    if options.layers == "library":
        return block_sgd(network, options.lr, options.clipping_theta)
    return SGD(network, options.lr, options.clipping_theta)


def weight_shapes(options: Options, vocab_size: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight that a network of these options has, by name.

    Examples
    --------
    >>> weight_shapes(Options(num_hiddens=4), vocab_size=7)
    {'W_xh': (7, 4), 'W_hh': (4, 4), 'b_h': (4,), 'W_hq': (4, 7), 'b_q': (7,)}
    """
    num_hiddens = options.num_hiddens
    if options.layers == "library":
        rows = len(CELLS[options.cell].gates) * num_hiddens
        return {
            "rnn.l0_i2h_weight": (rows, vocab_size),
            "rnn.l0_h2h_weight": (rows, num_hiddens),
            "rnn.l0_i2h_bias": (rows,),
            "rnn.l0_h2h_bias": (rows,),
            "dense.weight": (vocab_size, num_hiddens),
            "dense.bias": (vocab_size,),
        }
    cell = CELLS[options.cell]
    return dict(zip(cell.param_names, cell.param_shapes(vocab_size, num_hiddens)))


def weights_of(network: Any, options: Options) -> dict[str, Any]:
    """Return a network's weights by name, as `weight_shapes` names them."""
    if options.layers == "library":
        return {name: param.data() for name, param in _block_params(network).items()}
    return dict(zip(CELLS[options.cell].param_names, network.params))


@pushing()
@using_nd()
def network_from(weights: dict[str, Any], options: Options, vocab_size: int, ctx: Any) -> Any:
    """Return the network that has these weights."""
    shapes = weight_shapes(options, vocab_size)
    for name in sorted(set(shapes) ^ set(weights)):
        raise ValueError(f"the weight {name} is {'missing' if name in shapes else 'unknown'}")
    for name, weight in weights.items():
        if weight.shape != shapes[name] or weight.dtype != "float32":
            raise ValueError(f"{name} has shape {weight.shape} ({weight.dtype}) instead of {shapes[name]} (float32)")
    arrays = {name: nd.array(weight, ctx=ctx) for name, weight in weights.items()}
    cell = CELLS[options.cell]
    if options.layers == "scratch":
        params = [arrays[name] for name in cell.param_names]
        for param in params:
            param.attach_grad()
        return CellModel(cell.forward, params, cell.init_state, options.num_hiddens, vocab_size)
    model = _block(options, vocab_size, ctx, mx.init.Zero())
    for name, param in _block_params(model).items():
        param.set_data(arrays[name])
    return model


def _block(options: Options, vocab_size: int, ctx: Any, initializer: Any) -> Any:
    model = RNNModel(CELLS[options.cell].layer(options.num_hiddens), vocab_size)
    model.initialize(initializer, ctx=ctx)
    # the first call settles the shapes that Gluon leaves open until then
    model(nd.zeros((1, 1), ctx=ctx), model.begin_state(batch_size=1, ctx=ctx))
    return model


def _block_params(model: Any) -> dict[str, Any]:
    layer = {
        name: getattr(model.rnn, name) for name in ("l0_i2h_weight", "l0_h2h_weight", "l0_i2h_bias", "l0_h2h_bias")
    }
    return {
        **{f"rnn.{name}": param for name, param in layer.items()},
        "dense.weight": model.dense.weight,
        "dense.bias": model.dense.bias,
    }
