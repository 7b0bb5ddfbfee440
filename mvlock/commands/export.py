"""``mvlock export``: each tree of mv.lock as a file that other installers read."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from packaging.utils import canonicalize_name

from mvlock.base import atomic
from mvlock.commands.lock_request import LockRequest, lock_request
from mvlock.commands.options import Shell, given
from mvlock.commands.tree import chosen_trees
from mvlock.commands.workspace import Workspace, open_workspace
from mvlock.errors import UsageError
from mvlock.lock.model import Lock, LockedFile, LockedPackage, LockedTree
from mvlock.lock.pylock import Surroundings, format_pylock, pylock_name
from mvlock.lock.requirements_file import format_requirements, requirements_name


def execute(arguments: Namespace, shell: Shell) -> int:
    """Write ``pylock.<tree>.toml`` or ``requirements.<tree>.txt`` per tree; a single one may go to standard output."""
    workspace = open_workspace(shell.options)
    lock = workspace.current_lock(frozen=arguments.frozen)
    trees = chosen_trees(lock, arguments.trees)
    folder = Path(arguments.output).absolute() if arguments.output not in {None, "-"} else workspace.project.root
    relative = _relative_to(folder, workspace.project.root)
    if arguments.format == "requirements":
        texts = {requirements_name(tree): format_requirements(lock, tree, relative) for tree in trees}
    else:
        texts = _pylocks(workspace, lock, trees, relative, request=lock_request(given(arguments)), shell=shell)
    if arguments.output == "-":
        _show(texts, shell)
    else:
        _write(texts, folder, shell)
    return 0


def _show(texts: dict[str, str], shell: Shell) -> None:
    if len(texts) != 1:
        raise UsageError("usage", "--output - shows one tree", hint="name the tree: `mvlock export TREE --output -`")
    for text in texts.values():
        shell.console.data(text.rstrip("\n"))


def _write(texts: dict[str, str], folder: Path, shell: Shell) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        changed = atomic.update(folder / name, text.encode())
        shell.console.talk(f"{'Wrote' if changed else 'Unchanged'} {name}")


def _pylocks(
    workspace: Workspace,
    lock: Lock,
    trees: list[LockedTree],
    relative: Callable[[str], str],
    *,
    request: LockRequest,
    shell: Shell,
) -> dict[str, str]:
    from mvlock.index.client import open_index
    from mvlock.index.credentials import without_credentials
    from mvlock.install.preparer import locate

    project, console = workspace.project, shell.console
    names = {member.name for tree in trees for member in tree.packages}
    with open_index(
        project,
        cache=shell.options.cache,
        offline=request.offline,
        index_url=request.index_url,
        reporter=console,
    ) as index:
        index.prefetch([canonicalize_name(one.name) for one in lock.packages if one.index and one.name in names])

        def address(package: LockedPackage, file: LockedFile) -> str:
            return without_credentials(locate(index, package, file).url)

        surroundings = Surroundings(address, relative)
        return {pylock_name(tree): format_pylock(lock, tree, surroundings) for tree in trees}


def _relative_to(folder: Path, root: Path) -> Callable[[str], str]:
    def relative(path: str) -> str:
        return Path(os.path.relpath(root / path, folder)).as_posix()

    return relative
