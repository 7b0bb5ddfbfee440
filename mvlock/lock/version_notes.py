"""The notes for versions other than those that a dependency would have by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.lock.solved_request import ProjectVersions, SolvedRequest, binding_versions, differing_projects, versions_of
from mvlock.project.declaration import Declaration, Origin
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.move import TreeSolution
from mvlock.resolver.need import Need
from mvlock.resolver.solve import Member


def held_back_notes(
    independent: SolvedRequest,
    bound: TreeSolution,
    application_versions: ProjectVersions,
    earlier: Sequence[SolvedRequest],
) -> Iterator[str]:
    """One note for each directly required project that a tree has in another version than ``independent``."""
    bound_versions, own = versions_of(bound.resolutions), versions_of(independent.solution.resolutions)
    for project in sorted(
        {str(need.name) for need in independent.solution.requirements.needs} & bound_versions.keys() & own.keys()
    ):
        changes = [
            (mine, best)
            for best, target_bits in own[project].items()
            for mine, other_bits in bound_versions[project].items()
            if mine < best and target_bits & other_bits
        ]
        if changes:
            mine, best = max(changes, key=lambda change: change[1])
            yield held_back_note(project, mine, best, _why_bound(independent, application_versions, earlier))


def _why_bound(
    independent: SolvedRequest, application_versions: ProjectVersions, earlier: Sequence[SolvedRequest]
) -> str:
    """What a tree would have in another version than the application, and what requires the application's version."""
    own = versions_of(independent.solution.resolutions)
    differing = sorted(differing_projects(own, application_versions))
    clashes = [
        (project, found)
        for project in differing
        if (found := excluding_requirement(independent, project, max(application_versions[project])))
    ]
    if not clashes:
        return "the application has " + ", ".join(
            f"{project} {max(application_versions[project])}" for project in differing
        )
    project, (member, need) = clashes[0]
    cause = _cause(earlier, project, max(own[project]))
    return (
        f"{member.release} needs {need}, but the application has {project} {max(application_versions[project])}{cause}"
    )


def _cause(earlier: Iterable[SolvedRequest], project: str, version: Version) -> str:
    """``, because typer 0.3.2 needs click<7.2``: what in the trees does not allow a version of a project."""
    for tree in earlier:
        for need in tree.solution.requirements.own(project):
            if need.origin and not need.specifier.contains(version, prereleases=True):
                return f', because of "{need}" in {need.origin.array}'
        found = excluding_requirement(tree, project, version)
        if found is not None:
            return f", because {found[0].release} needs {found[1]}"
    return ""


def held_back_note(project: str, version: Version, independent: Version, why: str) -> str:
    """What is held back, by what, and what to write to change that."""
    cause = f": {why}" if why else ""
    wanted = f'"{project}{_lower_bound(version, independent)}"'
    return (
        f"{project} {version} is held back from {independent}{cause}; "
        f"require {wanted} to have {independent}, isolated from what it conflicts with"
    )


def single_version_note(
    project: str, version: Version, array: Origin, independent: Version, others: Iterable[Declaration]
) -> str:
    """What an array has in another version than it would have by itself, because of entries of other arrays."""
    requirements = ", ".join(f'"{entry}" in {entry.origin.array}' for entry in others)
    return (
        f"{project} is {version} in {array} as well, otherwise {independent}, because of {requirements}: "
        f"allow {independent} there, or make {version} an alias in [tool.mvlock.alias]"
    )


def _lower_bound(version: Version, independent: Version) -> str:
    """The shortest lower bound that leaves a version out and allows another one."""
    for length in range(1, len(independent.release) + 1):
        bound = Version(f"{independent.epoch}!" + ".".join(map(str, independent.release[:length])))
        if version < bound <= independent:
            return f">={bound}"
    return f"=={independent}"


def version_difference_notes(solved: Iterable[SolvedRequest], catalogue: Catalogue) -> Iterator[str]:
    """One note for each tree that has another version of a direct dependency of the application, with the reason.

    If a project that the tree requires directly is the reason, ``framework_mismatches`` reports it instead.
    """
    trees = list(solved)
    own = {project: (tree, rows) for tree in trees for project, rows in binding_versions(tree).items()}
    for tree in trees:
        rows = versions_of(tree.solution.resolutions)
        application_versions = {project: found for project, (owner, found) in own.items() if owner is not tree}
        for project in (
            sorted(differing_projects(rows, application_versions))
            if tree.request.alias is None and tree.request.peers
            else ()
        ):
            theirs, mine = max(rows[project]), max(application_versions[project])
            requiring = excluding_requirement(tree, project, mine)
            if not requiring or requiring[0].release.project not in {
                need.name for need in tree.solution.requirements.needs
            }:
                why = f"{requiring[0].release} requires {requiring[1]}" if requiring else ""
                why = why or _limit(catalogue, tree.request.name, project, mine)
                cause = f": {why}" if why else ""
                yield f"tree {tree.request.name} has {project} {theirs}, not the application's {mine}{cause}"


def _limit(catalogue: Catalogue, tree: str, project: str, version: Version) -> str:
    """That a version is too new for a tree, if it is."""
    release = catalogue.table(NormalizedName(project)).release_of(version)
    is_too_new = catalogue.rules.exclusion_in(tree, release) == "newer"
    return f"{release} was uploaded after {catalogue.rules.limit_text(tree, release)}" if is_too_new else ""


def version_reasons(solved: Iterable[SolvedRequest], catalogue: Catalogue) -> Iterator[str]:
    """One line for each version that is not the newest of its project, with the requirement that excludes that."""
    for tree in solved:
        for project, rows in sorted(versions_of(tree.solution.resolutions).items()):
            version, best = max(rows), _newest_final(catalogue, project)
            if best is not None and version < best:
                yield f"{tree.request.name}: {project} {version}, not {best}{_excluded_by(tree, project, best)}"


def _newest_final(catalogue: Catalogue, project: str) -> Version | None:
    versions = catalogue.table(NormalizedName(project)).versions
    return next((version for version in versions if not version.is_prerelease), None)


def _excluded_by(tree: SolvedRequest, project: str, version: Version) -> str:
    found = excluding_requirement(tree, project, version)
    if found is not None:
        return f": {found[0].release} requires {found[1]}"
    own = tree.solution.requirements.own(project)
    return next((f": pyproject.toml requires {one}" for one in own if not one.specifier.contains(version, True)), "")


def excluding_requirement(tree: SolvedRequest, project: str, version: Version) -> tuple[Member, Need] | None:
    """The member of a tree that does not allow a version, with the requirement that says so."""
    members = (member for resolution in tree.solution.resolutions for member in resolution.members)
    needs = ((member, need) for member in members for need in member.needs if need.name == project)
    return next((pair for pair in needs if not pair[1].specifier.contains(version, prereleases=True)), None)
