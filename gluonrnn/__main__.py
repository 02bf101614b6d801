"""``python -m gluonrnn`` is the command ``gluonrnn``."""

import sys

from gluonrnn.cli import main

sys.exit(main())
