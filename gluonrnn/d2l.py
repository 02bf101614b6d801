"""The edition of 2020 to 2022, for ``import gluonrnn.d2l``: another name of `gluonrnn.editions.d2l`."""

import sys

from gluonrnn.editions import d2l
from gluonrnn.editions.d2l import *  # noqa: F403 (for editors and type checkers)

sys.modules[__name__] = d2l
