"""The command ``gluonrnn``, one module a subcommand."""
