"""Locking a project: one process at a time reads its files and changes them.

The lock is one of the operating system on the project's folder: it ends with the process, however that ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from mvlock.operations.machine import Machine


_WRITTEN = ("pyproject.toml", "mv.lock")


@contextmanager
def locked_project(root: Path, machine: Machine) -> Iterator[None]:
    """Exclusive access to what is in a project's folder: no other process of mvlock changes it inside the block.

    What killed processes have left of its files is removed.
    """
    from mvlock.base.atomic import remove_drafts_of
    from mvlock.base.locks import exclusive_project

    wait, reporter = ExitStack(), machine.reporter

    def waiting() -> None:
        reporter.note(f"waiting for another mvlock process in {root}")
        wait.enter_context(reporter.task("Waiting", item="for another mvlock process"))

    with wait, exclusive_project(root, machine.cache, waiting):
        wait.close()
        remove_drafts_of(*(root / name for name in _WRITTEN))
        yield
