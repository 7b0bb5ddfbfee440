"""Markers that depend on the machine (``platform_release``, ``platform_version``): a universal lock cannot decide them.

In the project itself they are refused. In a dependency they are mostly for rare kernels
(``'tegra' in platform_release``), and refusing them would make the dependency unusable for everyone else. So they are
evaluated as on an unknown machine: a requirement only for certain kernels is left out, one for all but certain kernels
is included; and every such requirement is reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from packaging.requirements import Requirement

from mvlock.errors import LocalError
from mvlock.lock.merge import MergedMember
from mvlock.progress import Reporter
from mvlock.project.model import Project, TreeRequest
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.need import Need
from mvlock.resolver.target_set import TargetMatrix


def check_kernel_markers(project: Project, matrix: TargetMatrix) -> None:
    """Refuse such markers in the project itself: requirements, constraints, overrides, environments.

    :raises LocalError: ``marker-undecided``, with each of them and its place
    """
    undecided = {
        f"{declaration} ({declaration.origin})"
        for tree in project.trees
        for declaration in tree.declarations
        if _is_undecided(declaration.requirement, matrix)
    }
    undecided |= {
        f"{marker} (tool.mvlock.environments)" for marker in project.environments if matrix.where_undecided(str(marker))
    }
    if undecided:
        shown = "".join(f"\n  {text}" for text in sorted(undecided))
        raise LocalError(
            "marker-undecided",
            f"a lock for every machine cannot depend on the kernel's release or version:{shown}",
            hint="use an extra or a dependency group instead, or lock for this machine only: "
            "`mvlock resolve --only-host`",
            facts={"requirements": sorted(undecided)},
        )


def report_kernel_markers(
    members: Iterable[MergedMember], requests: Iterable[TreeRequest], catalogue: Catalogue, reporter: Reporter
) -> None:
    """One note per requirement of a dependency whose marker depends on the machine."""
    all_members = list(members)
    active_extras = {(name, extra) for member in all_members for name, extra in member.dependencies}
    active_extras |= {
        (declaration.project, extra)
        for tree in requests
        for declaration in tree.requirements
        for extra in declaration.requirement.extras
    }
    extras: defaultdict[str, list[str]] = defaultdict(lambda: [""])
    for name, extra in sorted(active_extras):
        if extra:
            extras[name].append(extra)
    notes = dict.fromkeys(
        note for member in all_members for note in _notes(member, extras[member.release.project], catalogue)
    )
    for note in notes:
        reporter.note(note)


def _notes(member: MergedMember, extras: Collection[str], catalogue: Catalogue) -> Iterator[str]:
    for need in catalogue.needs(member.release):
        target_bits = _undecided(need, extras, catalogue.matrix) & member.target_bits
        if target_bits:
            answers = [catalogue.where(need.marker, extra) & target_bits for extra in extras]
            outcome = "is in" if any(answers) else "is left out of"
            condition = f"{member.release} needs {need} where {need.marker}"
            yield f"{condition}: that depends on the kernel, so the requirement {outcome} mv.lock"


def _undecided(need: Need, extras: Iterable[str], matrix: TargetMatrix) -> int:
    target_bits = 0
    for extra in extras:
        target_bits |= matrix.where_undecided(need.marker, extra)
    return target_bits


def _is_undecided(requirement: Requirement, matrix: TargetMatrix) -> bool:
    return requirement.marker is not None and bool(matrix.where_undecided(str(requirement.marker)))
