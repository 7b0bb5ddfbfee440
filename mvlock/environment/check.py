"""Whether an environment is what its receipt and RECORDs say (PEP 376): complete, unchanged, and nothing else.

The receipt says which distributions there are and the hash of each RECORD: a RECORD alone is not trusted.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePath

import msgspec

from mvlock.base.digests import record_digest_of
from mvlock.environment.content import TreeContent
from mvlock.environment.layout import Layout
from mvlock.plan.receipt import TREE_RECEIPT, InstalledDistribution, TreeReceipt

_THREADS = 4


class _Row(msgspec.Struct, frozen=True):
    """One line of a RECORD; ``path`` is POSIX and relative to the environment. No digest: it only has to exist."""

    path: str
    digest: str
    size: str


def missing_parts(root: Path, receipt: TreeReceipt, layout: Layout, python: Path) -> list[str]:
    """What the tree at ``root`` cannot do without: its interpreter, each distribution, its packages. Reads nothing."""
    site = root / layout.site_packages
    names = {path.name.partition(".")[0] for path in (site.iterdir() if site.is_dir() else ())}
    missing = [item for item in receipt.distributions if not (site / item.info / "METADATA").exists()]
    incomplete = [(item, name) for item in receipt.distributions for name in item.imports if name not in names]
    return [
        *(f"{item.name} {item.version} is missing" for item in missing),
        *(f"{name} of {item.name} {item.version} is missing" for item, name in incomplete if item not in missing),
        *_interpreter_problems(root, layout, python),
    ]


def tree_problems(root: Path, receipt: TreeReceipt, layout: Layout, python: Path) -> list[str]:
    """Everything in the tree at ``root`` that is missing, changed or in no RECORD: whole distributions, then files.

    Bytecode is not checked, since Python itself may write it. Reads every file.
    """
    missing = missing_parts(root, receipt, layout, python)
    records = [_record(item, layout) for item in receipt.distributions if _is_installed(root, item, layout)]
    rows = [*records, *(row for record in records for row in _rows(root / record.path, layout))]
    known = {row.path for row in rows} | {f"{layout.scripts}/{name}" for name in layout.executables}
    unrecorded = [f"{path} is not in any RECORD" for path in _files(root) if path not in known]
    with ThreadPoolExecutor(_THREADS) as threads:
        found = threads.map(lambda row: _row_problem(root, row), rows)
        wrong = {*unrecorded, *_modes(root, receipt), *(problem for problem in found if problem)}
    return [*missing, *sorted(wrong.difference(missing))]


def content_problems(root: Path, content: TreeContent, layout: Layout, python: Path) -> list[str]:
    """Every file and link of ``content`` that is missing or changed below ``root``, sorted."""
    wrong = [path for path, file in content.written.items() if _read(root / path) != file.content]
    wrong += [path for path, text in content.symlinks.items() if _link(root / path) != PurePath(text)]
    not_executable = [
        path for path, file in content.written.items() if file.executable and not _can_be_executed(root / path)
    ]
    return sorted(
        [
            *_interpreter_problems(root, layout, python),
            *(f"{path} is missing or was changed" for path in wrong),
            *(f"{path} cannot be executed" for path in not_executable if path not in wrong),
        ]
    )


def foreign_files(root: Path, content: TreeContent, layout: Layout, others: Collection[str]) -> list[str]:
    """Files below ``root`` that are neither in ``content`` nor in ``others``, sorted."""
    known = {*content.linked, *content.written, *content.symlinks, *others}
    known.update(f"{layout.scripts}/{name}" for name in layout.executables)
    return sorted(f"{path} does not belong to it" for path in _files(root) if path not in known)


def _interpreter_problems(root: Path, layout: Layout, python: Path) -> list[str]:
    links = [f"{layout.scripts}/{name}" for name in layout.executables]
    missing = [path for path in ("pyvenv.cfg", *links) if not (root / path).exists()]
    wrong = [path for path in links if path not in missing and _link(root / path) != python]
    return [*(f"{path} is missing" for path in missing), *(f"{path} is no link to {python}" for path in wrong)]


def _modes(root: Path, receipt: TreeReceipt) -> Iterator[str]:
    for path in (path for item in receipt.distributions for path in item.executables):
        if (root / path).exists() and not _can_be_executed(root / path):
            yield f"{path} cannot be executed"


def _can_be_executed(path: Path) -> bool:
    """Whether its owner may execute it, which is the mode that we set; always true where files have no such mode."""
    try:
        return os.name == "nt" or bool(path.stat().st_mode & stat.S_IXUSR)
    except OSError:
        return False


def _is_installed(root: Path, item: InstalledDistribution, layout: Layout) -> bool:
    return (root / layout.site_packages / item.info).is_dir()


def _record(item: InstalledDistribution, layout: Layout) -> _Row:
    return _Row(f"{layout.site_packages}/{item.info}/RECORD", f"sha256={item.record}", "")


def _rows(record: Path, layout: Layout) -> Iterator[_Row]:
    """What a RECORD lists, as far as it can be read: a changed RECORD is reported anyway."""
    import csv

    with suppress(OSError, csv.Error), record.open(encoding="utf-8", errors="replace", newline="") as stream:
        for row in csv.reader(stream):
            path, digest, size = (*row, "", "", "")[:3]
            relative = os.path.normpath(f"{layout.site_packages}/{path}")
            yield _Row(Path(relative).as_posix(), digest, size)


def _files(root: Path) -> Iterator[str]:
    """All files, without those that every environment has and without bytecode."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        relative = Path(folder).relative_to(root).as_posix()
        for name in sorted(names):
            path = name if relative == "." else f"{relative}/{name}"
            if path not in {"pyvenv.cfg", TREE_RECEIPT, ".gitignore"}:
                yield path


def _row_problem(root: Path, row: _Row) -> str | None:
    path = root / row.path
    try:
        if row.size and path.stat().st_size != int(row.size):
            return f"{row.path} was changed"
        if row.digest and f"sha256={record_digest_of(path)}" != row.digest:
            return f"{row.path} was changed"
    except FileNotFoundError:
        return f"{row.path} is missing"
    except (OSError, ValueError) as error:
        return f"{row.path} cannot be checked: {error}"
    return None if row.digest or path.exists() else f"{row.path} is missing"


def _link(path: Path) -> PurePath | None:
    try:
        return path.readlink()
    except OSError:
        return None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
