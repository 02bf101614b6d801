"""Long tests, run by hand, each a command of its own: ``python -m tests.torture.NAME``."""
