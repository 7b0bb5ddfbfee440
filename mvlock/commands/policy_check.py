"""Whether a lock is what ``[tool.mvlock.policy]`` allows; if not, an error that says what leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from mvlock.commands.lock_request import LockRequest
from mvlock.commands.options import Context
from mvlock.errors import NetworkFailure, UnmetRequest
from mvlock.lock.model import Lock
from mvlock.project.model import Policy, Project

if TYPE_CHECKING:
    from mvlock.commands.console import Part
    from mvlock.lock.policy import Violation

_SHOWN = 5


def check_policy(
    project: Project, lock: Lock, request: LockRequest, context: Context, *, before: Lock | None = None
) -> None:
    """Check what a lock shows: versions and projects. What the lock ``before`` an edit shows, too, is no fault of it.

    :raises UnmetRequest: ``policy-violated``
    """
    if project.policy == Policy():
        return
    from mvlock.lock.policy import violations

    earlier = violations(before, project.policy) if before is not None else ()
    found = [one for one in violations(lock, project.policy) if one not in earlier]
    if found:
        raise _violated(found, _reasons(found, project, lock, request, context))


def check_licenses(project: Project, lock: Lock, request: LockRequest, context: Context) -> None:
    """Check the licences of everything that is locked.

    :raises UnmetRequest: ``policy-violated``
    :raises NetworkFailure: an index does not answer
    """
    if not project.policy.limits_licenses:
        return
    from mvlock.commands.declared_licenses import declared_licenses
    from mvlock.lock.policy import license_violations

    licenses = declared_licenses(lock, lock.trees, project, request, context)
    found = list(license_violations(licenses, project.policy))
    if found:
        raise _violated(found, _paths(found, lock))


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
    found: Sequence[Violation], project: Project, lock: Lock, request: LockRequest, context: Context
) -> Iterator[str]:
    several = [one for one in found if len(one.versions) > 1]
    explained = _explained(several, project, lock, request, context) if several else {}
    for one in several:
        yield f"  {one.name}: {one.text}"
        yield from (f"    {line}" for line in explained.get(one.name, [", ".join(one.versions)]))
    yield from _paths([one for one in found if one not in several], lock)


def _explained(
    found: Iterable[Violation], project: Project, lock: Lock, request: LockRequest, context: Context
) -> dict[str, list[str]]:
    """By project: the requirements that keep its versions apart; nothing if no index can be asked."""
    from mvlock.commands.duplicates_view import duplicate_lines
    from mvlock.commands.locking import open_catalogue
    from mvlock.lock.duplicates import Duplicates

    with suppress(NetworkFailure), open_catalogue(project, lock, request, context) as catalogue:
        by_name = Duplicates(lock, project, catalogue)
        duplicates = filter(None, (by_name.duplicate(one.name) for one in found))
        return {one.name: [_text(parts) for parts in duplicate_lines(one)][1:] for one in duplicates}
    return {}


def _text(parts: Iterable[Part]) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in parts)


def _paths(found: Sequence[Violation], lock: Lock) -> Iterator[str]:
    """The shortest path from a requirement to each, in the first trees that have it."""
    from mvlock.commands.why import reasons

    for one in found:
        yield f"  {one.name} {one.versions[0]}: {one.text}"
        paths = [
            f"{tree.name}: {' → '.join(path)}"
            for tree in lock.trees
            for member, path in reasons(tree, one.name)
            if member.version == one.versions[0]
        ]
        yield from (f"    {path}" for path in paths[:_SHOWN])
        if len(paths) > _SHOWN:
            yield f"    and in {len(paths) - _SHOWN} more trees"
