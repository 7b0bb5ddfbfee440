"""``mvlock cache dir|size|prune|clean|verify``.

Every layer has a folder named after itself and the version of its layout (``git-1``): only these are counted and
removed, whatever else is in the folder that ``--cache-dir`` names.
"""

from __future__ import annotations

import os
import re
import shutil
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mvlock.base.drafts import DRAFTS, draft_folder
from mvlock.build.logs import LOG_FOLDER
from mvlock.commands.again import ANSWERS
from mvlock.commands.amounts import formatted_size
from mvlock.commands.cached_environments import unused_environments
from mvlock.commands.options import Context
from mvlock.store.store import IMPORTSHIM_FOLDER, STORE_FOLDER, SYMLINKED, Store

_CACHE_FOLDER = re.compile(r"[a-z]+-v?\d+")
_REMOVED = "removed-1"


def execute(arguments: Namespace, context: Context) -> int:
    """Run one of the five subcommands."""
    if arguments.action == "dir":
        context.console.data(str(context.options.cache))
        return 0
    with context.console.task(_DOING[arguments.action], item="the cache"):
        return _execute(arguments, context)


_DOING = {"size": "Reading", "prune": "Removing", "clean": "Removing", "verify": "Verifying"}


def _execute(arguments: Namespace, context: Context) -> int:
    cache, console = context.options.cache, context.console
    if arguments.action == "size":
        console.data(formatted_size(_size(_folders(cache))))
    elif arguments.action == "verify":
        return _verify(Store(cache), context)
    else:
        size = _size(_folders(cache))
        removed = _remove(cache, _folders(cache)) if arguments.action == "clean" else _prune(cache)
        size -= _size(_folders(cache))
        console.info(f"Removed {formatted_size(size)} from {cache}" if removed else f"Nothing to remove from {cache}")
    return 0


def _prune(cache: Path) -> int:
    """Environments first: what only they have links to is unused without them."""
    return _remove(cache, list(unused_environments(cache))) + _remove(cache, list(_unused(cache)))


def _remove(cache: Path, paths: list[Path]) -> int:
    """Each disappears at once, by a rename: who is killed meanwhile leaves no half of it."""
    place = cache / _REMOVED
    paths = [path for path in paths if path != place]
    with draft_folder(place) as doomed:
        for number, path in enumerate(paths):
            shutil.rmtree(path.rename(doomed / str(number)))
    with suppress(OSError):  # another command may be removing, too
        (place / DRAFTS).rmdir()
        place.rmdir()
    return len(paths)


def _verify(store: Store, context: Context) -> int:
    """Read everything in the store; what is damaged is removed, to be fetched or made again when it is needed."""
    from mvlock.store.verify import discard_damaged, discard_damaged_rest

    rest = discard_damaged_rest(store)
    for problem in rest:
        context.console.info(f"{problem}: removed")
    count, damaged = 0, 0
    for stored in store.entries():
        problems = discard_damaged(store, stored)
        if problems:
            context.console.info(f"{stored.receipt.wheel} was damaged, and is removed: {problems[0]}")
        count, damaged = count + 1, damaged + bool(problems)
    context.console.info(f"Verified {count} wheels, {damaged} of them damaged")
    return 1 if damaged or rest else 0


def _folders(cache: Path) -> list[Path]:
    if not cache.is_dir():
        return []
    return sorted(path for path in cache.iterdir() if _CACHE_FOLDER.fullmatch(path.name) and path.is_dir())


def _unused(cache: Path) -> Iterator[Path]:
    """What killed processes left, logs, answers, bytecode of importshim, and wheels to which no tree has a hard link.

    Trees made with ``--link-mode copy`` or ``reflink`` do not need the store. A wheel to which a tree ever had
    symbolic links stays, since there is no way to know whether that tree still exists.
    """
    store = cache / STORE_FOLDER
    yield from (folder for name in (LOG_FOLDER, ANSWERS) for folder in cache.glob(name))
    yield from sorted(cache.glob(f"*/{DRAFTS}/*"))
    yield from sorted((store / IMPORTSHIM_FOLDER).glob("*"))
    for entry in sorted((store / "wheels").glob("*/*")):
        if not (entry / SYMLINKED).exists() and not _is_linked(entry):
            yield entry


def _is_linked(entry: Path) -> bool:
    """Whether a file of an entry has hard links from outside the entry."""
    status = [os.lstat(file) for file in _files(entry)]
    inodes = Counter(file_status.st_ino for file_status in status)
    return any(file_status.st_nlink > inodes[file_status.st_ino] for file_status in status)


def _files(folder: Path) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        for name in names:
            yield f"{parent}{os.sep}{name}"


def _size(folders: list[Path]) -> int:
    """The size in bytes, each inode counted once."""
    found: dict[tuple[int, int], int] = {}
    for folder in folders:
        for file in _files(folder):
            status = os.lstat(file)
            found[status.st_dev, status.st_ino] = status.st_size
    return sum(found.values())
