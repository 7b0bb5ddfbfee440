"""How much each tree takes on disk, and how much of that other trees have as well."""

from __future__ import annotations

import csv
import os
from collections import ChainMap, Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from mvlock.pictures.model import Weight
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt
from mvlock.store.native import is_native

_SITE_PACKAGES = ("lib/python*/site-packages", "Lib/site-packages")
_Sizes = Mapping[tuple[int, int], int]
"""By device and inode: bytes."""


def tree_weights(trees: Mapping[Path, TreeReceipt]) -> tuple[dict[str, Weight], int]:
    """The weights of installed trees, by name, and of all together. A file that has several names counts once."""
    sizes = {folder: dict(_sizes(folder)) for folder in trees}
    users = Counter(inode for found in sizes.values() for inode in found)
    weights = {receipt.tree: _weight(folder, receipt, sizes[folder], users) for folder, receipt in trees.items()}
    return weights, sum(ChainMap(*sizes.values()).values())


def _weight(folder: Path, receipt: TreeReceipt, sizes: _Sizes, users: Counter[tuple[int, int]]) -> Weight:
    shared = sum(size for inode, size in sizes.items() if users[inode] > 1)
    native = sum(size for item in receipt.distributions if item.copy for size in _native_sizes(folder, item))
    return Weight(sum(sizes.values()) - shared, shared, native)


def _sizes(folder: Path) -> Iterator[tuple[tuple[int, int], int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                yield (status.st_dev, status.st_ino or hash(entry.path)), status.st_size


def _native_sizes(folder: Path, item: InstalledDistribution) -> Iterator[int]:
    """The sizes of a distribution's native files."""
    return (_size(path) for path in _recorded(folder, item) if is_native(path.name, b""))


def distribution_sizes(folder: Path, receipt: TreeReceipt, cache_tag: str) -> dict[tuple[str, str], int]:
    """What each distribution of an installed tree takes on disk with its bytecode, in bytes, by name and version.

    A file that other trees have as well counts in each.
    """
    return {(item.name, item.version): sum(_disk_sizes(folder, item, cache_tag)) for item in receipt.distributions}


def _disk_sizes(folder: Path, item: InstalledDistribution, cache_tag: str) -> Iterator[int]:
    for path in _recorded(folder, item):
        yield _size(path)
        if path.suffix == ".py":
            yield _size(path.parent / "__pycache__" / f"{path.stem}.{cache_tag}.pyc")


def _size(path: Path) -> int:
    """0 if there is no such file."""
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _recorded(folder: Path, item: InstalledDistribution) -> Iterator[Path]:
    """The files of a distribution, by its RECORD."""
    for place in _SITE_PACKAGES:
        for record in folder.glob(f"{place}/{item.info}/RECORD"):
            with record.open(encoding="utf-8", newline="") as lines:
                yield from (record.parents[1] / path for path, *_ in csv.reader(lines))
