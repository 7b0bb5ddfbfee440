"""``mvlock init --script``: a script with a block of metadata (PEP 723) to start from."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from mvlock.base import atomic
from mvlock.commands.options import Context
from mvlock.errors import LocalError
from mvlock.project.script import Script, read_script


def start_script(arguments: Namespace, context: Context) -> int:
    """Give a script a block without dependencies; a script that does not exist is created.

    :raises LocalError: ``usage``, ``project-exists``, ``script-invalid``
    """
    if arguments.folder is not None or arguments.name is not None or arguments.sources:
        raise LocalError("usage", "--script: a script has no folder and no name of its own, and nothing to take over")
    path = Path(arguments.script).resolve()
    old = read_script(path) if path.exists() else Script(path, "", None)
    if old.block is not None:
        raise LocalError("project-exists", f"{path.name} already has a `# /// script` block")
    path.parent.mkdir(parents=True, exist_ok=True)
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    new = old.with_block(f'requires-python = ">={minor}"\ndependencies = []\n')
    atomic.write(path, new.content, mode=path.stat().st_mode & 0o777 if path.exists() else None)
    context.console.info(("Started", "bold green"), f" {arguments.script}")
    return 0
