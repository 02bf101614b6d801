r"""The networks of `cells` and `layers` once more, equal in value and gradient, ordered for speed.

A one-hot row times a weight is a row of the weight, so the inputs of all steps are one look-up; no
step waits for the outputs, so they are one product after the loop; and whole batches, loss
included, are one compiled block. The way through: the weights of a cell (`gluonrnn.models.cells`) or of
a Gluon layer (`layers`), gate by gate -> `steps` (the formulas) -> `sequences` (a batch) or `writing`
(one token) -> `network`.
"""

from __future__ import annotations

from gluonrnn.fast.layers import is_changed, network_of_layers
from gluonrnn.fast.network import Blocks, Fast, Network, own_network
from gluonrnn.fast.sequences import Form, Weights
from gluonrnn.fast.steps import Gate

__all__ = ["Blocks", "Fast", "Form", "Gate", "Network", "Weights", "is_changed", "network_of_layers", "own_network"]
