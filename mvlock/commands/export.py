"""``mvlock export``: the trees of mv.lock as files that other programs read, one for each tree or one for all."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from packaging.utils import canonicalize_name

from mvlock.base import atomic
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context, option_values
from mvlock.errors import LocalError
from mvlock.lock.model import Lock, LockedFile, LockedPackage, LockedTree
from mvlock.lock.pylock import ExportContext, format_pylock, pylock_name
from mvlock.lock.requirements_file import format_requirements, requirements_name
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.opened_project import OpenedProject

_ONE_FILE = {"pylock": "pylock.toml", "requirements": "requirements.txt", "cyclonedx": "bom.json"}
"""By format: the name of a file for all trees; its ending tells a file from a folder."""
Write = Callable[[Sequence[LockedTree]], str]


def execute(arguments: Namespace, context: Context) -> int:
    """Write a file for each tree, or one for all: if ``--output`` names a file, and always for CycloneDX.

    :raises UnmetRequest: ``trees-disagree``
    :raises LocalError: ``extra-not-installed``, ``usage``: the file has the ending of another format
    """
    opened = open_project(context.options)
    lock = opened.current_lock(frozen=option_values(arguments).flag("frozen"))
    trees = chosen_trees(lock, arguments.trees)
    arguments.format = arguments.format or _format_of(arguments.output)
    folder, name = _destination(arguments, opened.project.root)
    with _writer(arguments, opened, lock, trees, folder=folder, context=context) as write:
        if arguments.output == "-":
            context.console.data(write(trees).rstrip("\n"))
        elif name is not None:
            _write({name: write(trees)}, folder, context)
        else:
            naming = requirements_name if arguments.format == "requirements" else pylock_name
            _write({naming(tree): write([tree]) for tree in trees}, folder, context)
    return 0


def _format_of(output: str | None) -> str:
    """The format that the ending of a file stands for; pylock for a folder."""
    path = Path(output or "")
    endings = {Path(name).suffix: format_ for format_, name in _ONE_FILE.items()}
    return "pylock" if path.is_dir() else endings.get(path.suffix, "pylock")


def _destination(arguments: Namespace, root: Path) -> tuple[Path, str | None]:
    """The folder, and the name of the file for all trees; None: a file for each."""
    usual = _ONE_FILE[arguments.format]
    alone = usual if arguments.format == "cyclonedx" else None
    if arguments.output in {None, "-"}:
        return root, alone
    path = Path(arguments.output).absolute()
    if path.is_dir() or path.suffix not in {Path(name).suffix for name in _ONE_FILE.values()}:
        return path, alone
    if path.suffix != Path(usual).suffix:
        raise LocalError("usage", f"--output {path.name}: a file of format {arguments.format} is called like {usual}")
    return path.parent, path.name


def _write(texts: dict[str, str], folder: Path, context: Context) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        changed = atomic.update(folder / name, text.encode())
        context.console.info(f"{'Wrote' if changed else 'Unchanged'} {name}")


@contextmanager
def _writer(
    arguments: Namespace,
    opened: OpenedProject,
    lock: Lock,
    trees: Sequence[LockedTree],
    *,
    folder: Path,
    context: Context,
) -> Iterator[Write]:
    """What makes the text of a file for some of ``trees``."""
    relative, request = _relative_to(folder, opened.project.root), lock_request(option_values(arguments))
    if arguments.format == "requirements":
        yield lambda several: format_requirements(lock, several, relative)
    elif arguments.format == "cyclonedx":
        from mvlock.commands.licenses import note_undeclared
        from mvlock.lock.cyclonedx import format_cyclonedx
        from mvlock.operations.inventory import inventory_of

        inventory = inventory_of(lock, trees, opened.project, request, context.machine)
        note_undeclared(inventory.licenses, "components", context)
        yield lambda several: format_cyclonedx(lock, several, inventory)
    else:
        with _addresses(opened, lock, trees, request, context) as address:
            export = ExportContext(address, relative)
            yield lambda several: format_pylock(lock, several, export)


@contextmanager
def _addresses(
    opened: OpenedProject, lock: Lock, trees: Sequence[LockedTree], request: LockRequest, context: Context
) -> Iterator[Callable[[LockedPackage, LockedFile], str]]:
    """The URL of each file, on the indexes of this machine."""
    from mvlock.base.urls import without_credentials
    from mvlock.install.wheel_fetcher import locate
    from mvlock.operations.opening_index import open_indexes

    names = {member.name for tree in trees for member in tree.packages}
    with open_indexes(opened.project, context.machine, offline=request.offline, index_url=request.index_url) as index:
        index.prefetch(
            [canonicalize_name(package.name) for package in lock.packages if package.index and package.name in names]
        )
        yield lambda package, file: without_credentials(locate(index, package, file).url)


def _relative_to(folder: Path, root: Path) -> Callable[[str], str]:
    def relative(path: str) -> str:
        return Path(os.path.relpath(root / path, folder)).as_posix()

    return relative
