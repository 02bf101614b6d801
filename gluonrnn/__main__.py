"""``python -m gluonrnn`` is the command ``gluonrnn``."""

import sys

from gluonrnn.cli.main import main

sys.exit(main())
