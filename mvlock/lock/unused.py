"""Reports settings that have no effect: those for what nothing requires, often typos, and those of other tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from packaging.utils import NormalizedName

from mvlock.lock.locked_preferences import PreviousLock
from mvlock.lock.merge import MergedMember
from mvlock.progress import Reporter
from mvlock.project.location import FILE_NAME
from mvlock.project.model import Project
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.release_filter import Rules

_SHOWN = 8


def report_unused(project: Project, members: Sequence[MergedMember], catalogue: Catalogue, reporter: Reporter) -> None:
    """One note per unused source, and per constraint, override or limit that looks like a typo.

    A constraint or limit may be for a project that is not needed yet, and an override may be why it is not needed; so
    these are reported only if there is a project with a similar name.
    """
    used = {name for tree in project.trees for name in tree.projects}
    used |= _used(members, catalogue)
    for source in project.sources:
        if source not in used:
            reporter.note(f"tool.mvlock.sources: {source} is not used{_near(source, used)}")
    limits = {("tool.mvlock.exclude-newer-package", name) for name in project.exclude_newer_of}
    for at, name in sorted(_constraints_and_overrides(project) | limits):
        if name not in used and (near := _near(name, used)):
            reporter.note(f"{at}: {name} is not used{near}")
    for index in sorted(_unlimited_indexes(members, catalogue.rules)):
        reporter.note(f"exclude-newer does not apply to index {index}: it does not say when files were uploaded")


def report_unread(project: Project, previous: PreviousLock, reporter: Reporter) -> None:
    """One note on what tables of other tools in pyproject.toml say, for the first lock and if all is upgraded."""
    if project.unread and (previous.lock is None or previous.upgrade):
        shown = ", ".join(project.unread[:_SHOWN]) + (", …" if len(project.unread) > _SHOWN else "")
        reporter.note(
            f"settings of other tools in {FILE_NAME} that mvlock does not follow: {shown} "
            f"(`mvlock init --from {FILE_NAME}` takes over what it can; `ignore-tools` silences this)"
        )


def _unlimited_indexes(members: Iterable[MergedMember], rules: Rules) -> set[str]:
    """The indexes with files to which no limit of upload times applies, although there is one."""
    if not rules.has_limits:
        return set()
    return {file.index for member in members for file in member.release.files if rules.is_undated(file)}


def _used(members: Iterable[MergedMember], catalogue: Catalogue) -> set[NormalizedName]:
    used: set[NormalizedName] = set()
    for member in members:
        used.add(member.release.project)
        used.update(dependency.need.name for dependency in catalogue.dependencies(member.release))
    return used


def _constraints_and_overrides(project: Project) -> set[tuple[str, NormalizedName]]:
    """The constraints and overrides of all trees: the place of each, and the project it names."""
    return {
        (str(declaration.origin), declaration.project)
        for tree in project.trees
        for declaration in (*tree.constraints, *tree.overrides)
    }


def _near(name: str, used: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(used), n=1)
    return f"; did you mean {near[0]}?" if near else ""
