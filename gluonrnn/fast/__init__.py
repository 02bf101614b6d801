r"""Fast forms of the networks in `gluonrnn.models`: equal in value and gradient, several times faster.

Three ideas. A one-hot row times a weight is a row of the weight, so the inputs of all steps are one
look-up. No step waits for the outputs, so they are one product after the loop. And a whole batch,
loss included, is one compiled block.

Start reading at `steps`: one step of each network, gate by gate. `sequences` runs the steps over a
batch; `network` holds the compiled blocks, and runs them over one token at a time in NumPy; `layers`
finds the gates in the weights of Gluon's layers, as `gluonrnn.models.cells` does in those of a cell.
"""

from __future__ import annotations

from gluonrnn.fast.layers import is_changed, network_of_layers
from gluonrnn.fast.network import Blocks, Fast, Network, fast_form_of
from gluonrnn.fast.sequences import Form, Weights
from gluonrnn.fast.steps import Gate

__all__ = ["Blocks", "Fast", "Form", "Gate", "Network", "Weights", "fast_form_of", "is_changed", "network_of_layers"]
