"""Whether an entry of the store is unchanged: a write to one of its files changes all trees that link to it.

A check is thorough, or reads only what may have changed since the last one (``intact``). What is damaged is removed,
to be made again: bytecode alone, or the whole entry.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mvlock.store.bytecode import bytecode_folders, compiled_problems
from mvlock.store.intact import file_problem, note_intact, noted_intact, problems
from mvlock.store.store import IMPORTSHIM_FOLDER, Store, StoredWheel, bytecode_folder

if TYPE_CHECKING:
    from mvlock.store.file_workers import FileWorkers

_THREADS = 4


def entry_problems(stored: StoredWheel) -> list[str]:
    """Every file of an entry that is missing, changed or should not be there, sorted. Reads every file."""
    return sorted([*_wheel_problems(stored), *bytecode_problems(stored)])


def bytecode_problems(stored: StoredWheel) -> list[str]:
    """The bytecode files of a wheel, for any interpreter, that have changed since they were made. Reads every file."""
    return [problem for folder in bytecode_folders(stored) for problem in compiled_problems(folder)]


def discard_damaged(store: Store, stored: StoredWheel) -> list[str]:
    """What is wrong with an entry (``entry_problems``); what is damaged is removed."""
    return _discard(store, stored, partial(_wheel_problems, stored), bytecode_folders(stored), compiled_problems)


def discard_damaged_rest(store: Store) -> list[str]:
    """What is damaged besides entries that can be read; it is removed."""
    problems = dict.fromkeys(store.unreadable(), "its record cannot be read")
    own = sorted((store.root / IMPORTSHIM_FOLDER).glob("*"))
    problems |= {folder: found[0] for folder in own if (found := compiled_problems(folder))}
    for folder in problems:
        store.remove(folder)
    return [f"{folder.relative_to(store.root)}: {problem}" for folder, problem in problems.items()]


def discard_changed(
    store: Store, stored: StoredWheel, cache_tag: str | None, workers: FileWorkers | None = None
) -> list[str]:
    """As ``discard_damaged``, but only what an install for ``cache_tag`` needs, if it may have changed."""
    folders = [] if cache_tag is None else [stored.bytecode(cache_tag)]
    return _discard(
        store, stored, partial(_changes, stored, workers), folders, partial(_bytecode_changes, workers=workers)
    )


def note_installed(store: Store, wheels: Iterable[str], cache_tag: str | None) -> None:
    """Note that the entries from which a tree was just made, and which were checked before, are intact."""
    for sha256 in wheels:
        folder = store.place(sha256)
        note_intact(folder)
        if cache_tag is not None:
            note_intact(bytecode_folder(folder, cache_tag))


def _discard(
    store: Store,
    stored: StoredWheel,
    problems_of_wheel: Callable[[], list[str]],
    bytecode: list[Path],
    problems_of_bytecode: Callable[[Path], list[str]],
) -> list[str]:
    """It is checked again under its lock: another process may have replaced it in the meantime."""
    found = problems_of_wheel()
    if found:
        store.discard(stored, stored.folder, problems_of_wheel)
        return found
    for folder in bytecode:
        problems = problems_of_bytecode(folder)
        if problems:
            store.discard(stored, folder, partial(problems_of_bytecode, folder))
        found += problems
    return found


def _wheel_problems(stored: StoredWheel) -> list[str]:
    known = {file.path for file in stored.receipt.files}
    unknown = [f"{path} does not belong there" for path in _files(stored.files) if path not in known]
    with ThreadPoolExecutor(_THREADS) as threads:
        found = threads.map(lambda file: file_problem(str(stored.files), file, 0), stored.receipt.files)
        wrong = [problem for problem in found if problem]
    return sorted([*unknown, *wrong, *_spare_problems(stored, 0)])


def _changes(stored: StoredWheel, workers: FileWorkers | None) -> list[str]:
    since = noted_intact(stored.folder)
    found = problems(str(stored.files), stored.receipt.files, since, workers)
    return sorted([*found, *_spare_problems(stored, since)])


def _bytecode_changes(folder: Path, workers: FileWorkers | None) -> list[str]:
    return compiled_problems(folder, noted_intact(folder), workers)


def _spare_problems(stored: StoredWheel, since: int) -> Iterator[str]:
    files = {file.path: file for file in stored.receipt.files if file.native}
    for folder in stored.spares():
        for path in _files(folder):
            if path not in files or file_problem(str(folder), files[path], since):
                yield f"a further copy of {path} was changed"


def _files(folder: Path) -> list[str]:
    return [Path(here, name).relative_to(folder).as_posix() for here, _, names in os.walk(folder) for name in names]
