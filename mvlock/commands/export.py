"""``mvlock export``: each tree of mv.lock as a file that other installers read."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from packaging.utils import canonicalize_name

from mvlock.base import atomic
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.options import Context, option_values
from mvlock.commands.workspace import open_workspace
from mvlock.errors import LocalError
from mvlock.lock.model import Lock, LockedFile, LockedPackage, LockedTree
from mvlock.lock.pylock import ExportContext, format_pylock, pylock_name
from mvlock.lock.requirements_file import format_requirements, requirements_name
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.workspace import Workspace


def execute(arguments: Namespace, context: Context) -> int:
    """Write ``pylock.<tree>.toml`` or ``requirements.<tree>.txt`` per tree; a single one may go to standard output."""
    workspace = open_workspace(context.options)
    lock = workspace.current_lock(frozen=option_values(arguments).flag("frozen"))
    trees = chosen_trees(lock, arguments.trees)
    folder = Path(arguments.output).absolute() if arguments.output not in {None, "-"} else workspace.project.root
    relative = _relative_to(folder, workspace.project.root)
    if arguments.format == "requirements":
        texts = {requirements_name(tree): format_requirements(lock, tree, relative) for tree in trees}
    else:
        texts = _pylocks(
            workspace, lock, trees, relative, request=lock_request(option_values(arguments)), context=context
        )
    if arguments.output == "-":
        _show(texts, context)
    else:
        _write(texts, folder, context)
    return 0


def _show(texts: dict[str, str], context: Context) -> None:
    if len(texts) != 1:
        raise LocalError("usage", "--output - shows one tree", hint="name the tree: `mvlock export TREE --output -`")
    for text in texts.values():
        context.console.data(text.rstrip("\n"))


def _write(texts: dict[str, str], folder: Path, context: Context) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        changed = atomic.update(folder / name, text.encode())
        context.console.info(f"{'Wrote' if changed else 'Unchanged'} {name}")


def _pylocks(
    workspace: Workspace,
    lock: Lock,
    trees: list[LockedTree],
    relative: Callable[[str], str],
    *,
    request: LockRequest,
    context: Context,
) -> dict[str, str]:
    from mvlock.base.urls import without_credentials
    from mvlock.install.wheel_fetcher import locate
    from mvlock.operations.opening_index import open_indexes

    names = {member.name for tree in trees for member in tree.packages}
    with open_indexes(
        workspace.project, context.machine, offline=request.offline, index_url=request.index_url
    ) as index:
        index.prefetch(
            [canonicalize_name(package.name) for package in lock.packages if package.index and package.name in names]
        )

        def address(package: LockedPackage, file: LockedFile) -> str:
            return without_credentials(locate(index, package, file).url)

        export = ExportContext(address, relative)
        return {pylock_name(tree): format_pylock(lock, tree, export) for tree in trees}


def _relative_to(folder: Path, root: Path) -> Callable[[str], str]:
    def relative(path: str) -> str:
        return Path(os.path.relpath(root / path, folder)).as_posix()

    return relative
