"""Whether a lock is what ``[tool.mvlock.policy]`` allows; if not, an error that says what leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from mvlock.errors import NetworkFailure, UnmetRequest
from mvlock.lock.model import Lock
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.machine import Machine
from mvlock.project.model import Policy, Project

if TYPE_CHECKING:
    from mvlock.lock.policy import Violation

_SHOWN = 5


def check_policy(
    project: Project,
    lock: Lock,
    request: LockRequest,
    machine: Machine,
    *,
    before: Lock | None = None,
    licenses: bool = False,
) -> None:
    """Check versions and projects. What the lock ``before`` an edit shows, too, is no fault of it.

    ``licenses``: those of everything that is locked, too, for which indexes may be asked.

    :raises UnmetRequest: ``policy-violated``
    :raises NetworkFailure: an index does not answer
    """
    if project.policy == Policy():
        return
    from mvlock.lock.policy import violations

    earlier = violations(before, project.policy) if before is not None else ()
    found = [one for one in violations(lock, project.policy) if one not in earlier]
    if licenses and project.policy.limits_licenses:
        found += _license_violations(project, lock, request, machine)
    if found:
        raise _violated(found, _reasons(found, project, lock, request, machine))


def _license_violations(project: Project, lock: Lock, request: LockRequest, machine: Machine) -> Iterator[Violation]:
    from mvlock.lock.policy import license_violations
    from mvlock.operations.declared_licenses import declared_licenses

    return license_violations(declared_licenses(lock, lock.trees, project, request, machine), project.policy)


def _violated(found: Sequence[Violation], reasons: Iterable[str]) -> UnmetRequest:
    lines = ["[tool.mvlock.policy] does not allow this lock:", *reasons]
    keys = ", ".join(dict.fromkeys(f"`{one.key}`" for one in found))
    facts = [{"key": one.key, "name": one.name, "versions": one.versions, "text": one.text} for one in found]
    return UnmetRequest(
        "policy-violated",
        "\n".join(lines),
        hint=f"change the requirements named here, or {keys} in [tool.mvlock.policy]",
        facts={"violations": facts},
    )


def _reasons(
    found: Sequence[Violation], project: Project, lock: Lock, request: LockRequest, machine: Machine
) -> Iterator[str]:
    several = [one for one in found if len(one.versions) > 1]
    explained = _explained(several, project, lock, request, machine) if several else {}
    for one in several:
        yield f"  {one.name}: {one.text}"
        yield from _cut(explained.get(one.name, [", ".join(one.versions)]))
    for one in found:
        if one not in several:
            yield f"  {one.name} {one.versions[0]}: {one.text}"
            yield from _cut(list(_paths(one, lock)))


def _explained(
    found: Iterable[Violation], project: Project, lock: Lock, request: LockRequest, machine: Machine
) -> dict[str, list[str]]:
    """By project: the requirements that keep its versions apart; nothing if no index can be asked."""
    from mvlock.lock.duplicates import Duplicates
    from mvlock.lock.version_reasons import version_texts
    from mvlock.operations.locking import open_catalogue

    with suppress(NetworkFailure), open_catalogue(project, lock, request, machine) as catalogue:
        by_name = Duplicates(lock, project, catalogue)
        duplicates = filter(None, (by_name.duplicate(one.name) for one in found))
        return {
            duplicate.name: [
                f"{one.version} in {text}" for one in duplicate.tree_versions for text in version_texts(one, duplicate)
            ]
            for duplicate in duplicates
        }
    return {}


def _paths(violation: Violation, lock: Lock) -> Iterator[str]:
    """The shortest path from a requirement to a release, in each tree that has it."""
    from mvlock.lock.reasons import reasons
    from mvlock.lock.tree_graph import tree_graphs

    for graph in tree_graphs(lock, lock.trees):
        for member, path in reasons(graph, violation.name):
            if member.version == violation.versions[0]:
                yield f"{graph.tree.name}: {' → '.join(path)}"


def _cut(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"    {line}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"    and {len(lines) - _SHOWN} more"
