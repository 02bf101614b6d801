"""Training: the loop, the optimizer, the options, and a run with its checkpoints."""
