"""Speed, side by side in one run: the published packages, PyTorch, gluonrnn, and the machine's own limit."""
