"""``mvlock version``: which mvlock this is; with ``-v`` also on what it runs."""

from __future__ import annotations

import json
import platform
import sys
from argparse import Namespace

from mvlock import __version__
from mvlock.commands.options import Context


def execute(arguments: Namespace, context: Context) -> int:
    """Print what ``--version`` prints, and with ``-v`` Python, platform and cache; with ``--json`` all of it."""
    data = context.console.data
    if arguments.json:
        data(json.dumps(_facts(context), indent=2))
        return 0
    data(f"mvlock {__version__}")
    if context.options.verbose:
        facts = _facts(context)
        data(f"Python {facts['python']} at {facts['executable']}")
        data(f"platform {facts['platform']}")
        data(f"cache in {facts['cache']}")
    return 0


def _facts(context: Context) -> dict[str, str]:
    """What it takes some time to find out."""
    return {
        "version": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "cache": str(context.options.cache),
    }
