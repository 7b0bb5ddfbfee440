"""Locking a project: one command at a time reads its files and changes them.

The lock is one of the operating system on the project's folder: it ends with the process, however that ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from mvlock.commands.options import Context


_WRITTEN = ("pyproject.toml", "mv.lock")


@contextmanager
def locked_project(context: Context, folder: Path | None = None) -> Iterator[None]:
    """Exclusive access to the project, or to what is in ``folder``: no other command changes it inside the block.

    What killed commands have left of its files is removed.
    """
    from mvlock.base.atomic import remove_drafts_of
    from mvlock.base.locks import exclusive_project

    root, wait = folder or context.options.root, ExitStack()

    def waiting() -> None:
        context.console.note(f"waiting for another mvlock process in {root}")
        wait.enter_context(context.console.task("Waiting", item="for another mvlock process"))

    with wait, exclusive_project(root, context.options.cache, waiting):
        wait.close()
        remove_drafts_of(*(root / name for name in _WRITTEN))
        yield


def folder_of_script(arguments: Namespace) -> Path | None:
    """The folder of the script that a command line names; None: it means the project."""
    from pathlib import Path

    return Path(arguments.script).resolve().parent if arguments.script is not None else None
