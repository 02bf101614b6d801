"""The mutants that no test can tell from the code, each with the reason."""

from __future__ import annotations

FAST, BATCHES, GENERATION, UPDATES = (
    f"gluonrnn/{module}.py"
    for module in ("models/cells", "corpus/batches", "generation/decoding", "training/optimizers")
)

_SIZE = "num_hiddens = params[{}].shape[0]"
_NETWORK = "form = Form(cell.step, _weights_of_cell, vocab_size, params[{}].shape[0], cell.num_states)"
_BIAS = "a gate's bias has as many numbers as the cell has hidden units, and where it has not, no shape fits"
_ARRAYS = "if len(params) {} 3 * num_gates + 2 or not all(isinstance(param, nd.NDArray) for param in params):"

# (file, line as it is, line as it was changed) -> why both do the same
EXPLAINED = {
    **{
        (FAST, line.format(-2), line.format(another)): _BIAS
        for line in (_SIZE, _NETWORK)
        for another in ("2", "+2", "~2", "- 3")
    },
    (FAST, _ARRAYS.format("!="), _ARRAYS.format("<")): "parameters too many have other shapes than those of the cell",
    (
        UPDATES,
        "squares = nd.concat(*(nd.dot(flat, flat) for flat in flats), dim=0)",
        "squares = nd.concat(*(nd.dot(flat, flat) for flat in flats), dim= -1)",
    ): "the last axis of vectors is their first",
    (
        GENERATION,
        "return scores.asnumpy()[0]",
        "return scores.asnumpy()[ -1]",
    ): "one character was read, so the first row is the last",
    (GENERATION, "if temperature == 0:", "if temperature <= 0:"): "a temperature below 0 is refused before",
    (
        BATCHES,
        "num_examples = max(len(indices) - 1, 0) // num_steps",
        "num_examples = max(len(indices) - 1, -1) // num_steps",
    ): "an empty corpus has as few batches with -1 examples as with none",
    (
        BATCHES,
        "row_length = max(len(indices) - 1, 0) // batch_size",
        "row_length = max(len(indices) - 1, -1) // batch_size",
    ): "an empty corpus has as few batches with rows of length -1 as with empty ones",
}
