"""Whether an entry of the store is unchanged: a write to one of its files changes all trees that link to it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mvlock.base.digests import record_digest_of
from mvlock.store.bytecode import bytecode_problems
from mvlock.store.model import StoredFile
from mvlock.store.store import Store, StoredWheel

_THREADS = 4


def entry_problems(stored: StoredWheel) -> list[str]:
    """Every file of an entry that is missing, changed or should not be there, sorted. Reads every file."""
    known = {file.path for file in stored.receipt.files}
    unknown = [f"{path} does not belong there" for path in _files(stored.files) if path not in known]
    with ThreadPoolExecutor(_THREADS) as threads:
        found = threads.map(lambda file: _file_problem(stored.files, file), stored.receipt.files)
        wrong = [problem for problem in found if problem]
    return sorted([*unknown, *wrong, *_spare_problems(stored), *bytecode_problems(stored)])


def discard_damaged(store: Store, stored: StoredWheel) -> list[str]:
    """What is wrong with an entry (``entry_problems``); if anything is, the entry is removed.

    It is checked again under its lock: another process may have replaced it in the meantime.
    """
    problems = entry_problems(stored)
    if problems:
        store.discard(stored, lambda: entry_problems(stored))
    return problems


def _spare_problems(stored: StoredWheel) -> Iterator[str]:
    digests = {file.path: file.digest for file in stored.receipt.files}
    for folder in stored.spares():
        for path in _files(folder):
            if digests.get(path) != record_digest_of(folder / path):
                yield f"a further copy of {path} was changed"


def _file_problem(folder: Path, file: StoredFile) -> str | None:
    try:
        changed = record_digest_of(folder / file.path) != file.digest
        mode = (folder / file.path).stat().st_mode
    except OSError:
        return f"{file.path} is missing"
    if changed:
        return f"{file.path} was changed"
    not_executable = file.executable and os.name != "nt" and not mode & stat.S_IXUSR
    return f"{file.path} cannot be executed" if not_executable else None


def _files(folder: Path) -> list[str]:
    return [Path(here, name).relative_to(folder).as_posix() for here, _, names in os.walk(folder) for name in names]
