"""The notes for versions other than those that a dependency would have by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from packaging.version import Version

from mvlock.lock.companion import Companion, Rows, binding_rows, differing, rows_of
from mvlock.project.declaration import Declaration, Origin
from mvlock.resolver.move import TreeSolution
from mvlock.resolver.need import Need
from mvlock.resolver.solve import Member


def held_back(alone: Companion, bound: TreeSolution, named: Rows, before: Sequence[Companion]) -> Iterator[str]:
    """One note for each directly required project that a tree has in another version than it would have ``alone``."""
    here, own = rows_of(bound.resolutions), rows_of(alone.solution.resolutions)
    for project in sorted({str(one.name) for one in alone.solution.terms.needs} & here.keys() & own.keys()):
        changes = [
            (mine, best)
            for best, where in own[project].items()
            for mine, there in here[project].items()
            if mine < best and where & there
        ]
        if changes:
            mine, best = max(changes, key=lambda change: change[1])
            yield told(project, mine, best, _why_bound(alone, named, before))


def _why_bound(alone: Companion, named: Rows, before: Sequence[Companion]) -> str:
    """What a tree would have in another version than the application, and what requires the application's version."""
    own = rows_of(alone.solution.resolutions)
    parting = sorted(differing(own, named))
    clashes = [(project, found) for project in parting if (found := excluding(alone, project, max(named[project])))]
    if not clashes:
        return "the application has " + ", ".join(f"{project} {max(named[project])}" for project in parting)
    project, (member, need) = clashes[0]
    says = _keeping(before, project, max(own[project]))
    return f"{member.release} needs {need}, but the application has {project} {max(named[project])}{says}"


def _keeping(before: Iterable[Companion], project: str, version: Version) -> str:
    """``, for typer 0.3.2 needs click<7.2``: what in the trees does not admit a version of a project."""
    for tree in before:
        for need in tree.solution.terms.own(project):
            if need.origin and not need.specifier.contains(version, prereleases=True):
                return f', for "{need}" in {need.origin.table}'
        found = excluding(tree, project, version)
        if found is not None:
            return f", for {found[0].release} needs {found[1]}"
    return ""


def told(project: str, version: Version, alone: Version, why: str) -> str:
    """What is held back, by what, and what to write to change that."""
    cause = f": {why}" if why else ""
    wanted = f'"{project}{_least(version, alone)}"'
    return f"{project} {version} is held back from {alone}{cause}; {wanted} keeps {alone}, next to what it clashes with"


def one_for_all(project: str, version: Version, table: Origin, alone: Version, others: Iterable[Declaration]) -> str:
    """What a list has in another version than it would alone, because of lines of other lists."""
    lines = ", ".join(f'"{one}" in {one.origin.table}' for one in others)
    return (
        f"{project} is {version} for {table} too, which would have {alone} otherwise: {lines}; "
        "a direct dependency has one version: "
        f"admit {alone} there, or give {version} a name of its own in [tool.mvlock.alias]"
    )


def _least(version: Version, alone: Version) -> str:
    """The shortest lower bound that leaves a version out and admits another one."""
    for length in range(1, len(alone.release) + 1):
        bound = Version(f"{alone.epoch}!" + ".".join(map(str, alone.release[:length])))
        if version < bound <= alone:
            return f">={bound}"
    return f"=={alone}"


def partings(companions: Iterable[Companion]) -> Iterator[str]:
    """One note for each tree that has another version of a direct dependency of the application, with the reason.

    If a project that the tree requires directly is the reason, it is reported as a mix instead (``mixes``).
    """
    trees = list(companions)
    own = {project: (tree, rows) for tree in trees for project, rows in binding_rows(tree).items()}
    for tree in trees:
        rows = rows_of(tree.solution.resolutions)
        named = {project: found for project, (owner, found) in own.items() if owner is not tree}
        for project in sorted(differing(rows, named)) if tree.request.alias is None and tree.request.peers else ():
            theirs, mine = max(rows[project]), max(named[project])
            requiring = excluding(tree, project, mine)
            if not requiring or requiring[0].release.project not in {one.name for one in tree.solution.terms.needs}:
                why = f": {requiring[0].release} requires {requiring[1]}" if requiring else ""
                yield f"tree {tree.request.name} has {project} {theirs}, not the application's {mine}{why}"


def excluding(tree: Companion, project: str, version: Version) -> tuple[Member, Need] | None:
    """The member of a tree that does not admit a version, with the requirement that says so."""
    members = (member for one in tree.solution.resolutions for member in one.members)
    needs = ((member, one) for member in members for one in member.needs if one.name == project)
    return next((pair for pair in needs if not pair[1].specifier.contains(version, prereleases=True)), None)
