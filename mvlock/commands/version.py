"""``mvlock version``: which mvlock this is; with ``-v`` also on what it runs."""

from __future__ import annotations

import platform
import sys
from argparse import Namespace

from mvlock import __version__
from mvlock.commands.options import Context


def execute(arguments: Namespace, context: Context) -> int:
    """Print what ``--version`` prints, and with ``-v`` Python, platform and cache."""
    data = context.console.data
    data(f"mvlock {__version__}")
    if context.options.verbose:
        data(f"Python {platform.python_version()} at {sys.executable}")
        data(f"platform {platform.platform()}")
        data(f"cache in {context.options.cache}")
    return 0
