"""What a project's environments use from outside: sources that are used in place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mvlock.environment.layout import Layout
from mvlock.errors import UnmetRequest
from mvlock.lock.model import Lock, LockedDirectory
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt
from mvlock.project.model import Project


def outside_folders(
    project: Project, lock: Lock, receipts: Mapping[str, TreeReceipt], layout: Layout
) -> tuple[str, ...]:
    """The project's folders that its trees use and that must be copied with the application: POSIX, relative, sorted.

    :raises UnmetRequest: ``pack-outside``
    """
    folders = {
        package.name: package.directory
        for package in lock.packages
        if package.directory is not None and package.directory.editable
    }
    members = [(tree, item) for tree, receipt in receipts.items() for item in receipt.distributions]
    problems = [f"the application: source {path}" for path in project.source_folders if _leaves(project, path)]
    for tree, item in members:
        site_packages = project.root / project.modules / tree / layout.site_packages
        outside = [path for path in item.paths if not _moves_with(project, site_packages, path)]
        problems += _problems(project, tree, item, folders.get(item.name), outside)
    if problems:
        raise _refusal(problems, sorted({item.name for _, item in members if item.name in folders}))
    used = {item.name for _, item in members}
    return tuple(sorted({package.path for name, package in folders.items() if name in used}))


def _problems(
    project: Project, tree: str, item: InstalledDistribution, directory: LockedDirectory | None, outside: Sequence[str]
) -> Iterator[str]:
    """What a distribution uses outside the project; ``outside``: the paths there that its .pth files add."""
    who = f"tree {tree}: {item.name} {item.version}"
    if directory is None:
        yield from (f"{who}, path {path} of a .pth file" for path in outside)
    elif _leaves(project, directory.path):
        yield f"{who}, editable source {directory.path}"
    elif outside:
        yield f"{who}, editable source {directory.path}, which adds {', '.join(outside)} to the path"
    elif not item.paths:  # its backend has recorded the absolute path
        yield f"{who}, editable source {directory.path}, which is installed by its absolute path"


def _leaves(project: Project, path: str) -> bool:
    return not (project.root / path).resolve().is_relative_to(project.root.resolve())


def _moves_with(project: Project, site_packages: Path, path: str) -> bool:
    """Whether a path of a .pth file is relative, and leads to a folder of the project."""
    folder = Path(os.path.normpath(site_packages / path))
    return not Path(path).is_absolute() and folder.is_relative_to(project.root)


def _refusal(problems: list[str], editable: list[str]) -> UnmetRequest:
    text = "these are outside the project, and would be missing on another machine:\n" + "\n".join(
        f"  {problem}" for problem in problems
    )
    built = f"set `editable = false` for {', '.join(editable)} in [tool.mvlock.sources], then `mvlock resolve` and "
    hint = f"{built}`mvlock install`" if editable else "move it into the project"
    return UnmetRequest("pack-outside", text, hint=hint, facts={"outside": problems})
