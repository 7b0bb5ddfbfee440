"""How several versions of one project are shown, and where the reasons are read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from mvlock.commands.console import Part
from mvlock.commands.lock_request import LockRequest
from mvlock.commands.options import Shell
from mvlock.commands.workspace import open_workspace
from mvlock.lock.duplicates import ASKED, Double, Doubles, Holder, Wanting
from mvlock.lock.model import Lock


@contextmanager
def open_doubles(lock: Lock, request: LockRequest, shell: Shell) -> Iterator[Doubles]:
    """Projects of which ``lock`` has several versions; dependents' metadata comes from the cache or the index."""
    from mvlock.commands.locking import open_catalogue

    project = open_workspace(shell.options).project
    with open_catalogue(project, lock, request, shell) as catalogue:
        yield Doubles(lock, project, catalogue)


def double_lines(double: Double) -> Iterator[tuple[Part, ...]]:
    """The project, its versions, and under each the trees with their requirements."""
    yield ((double.name, "bold"),)
    for version in double.versions:
        last = version == double.versions[-1]
        yield (("└── " if last else "├── ", "dim"), version)
        rows = [row for holder in double.holders if holder.version == version for row in _rows(holder, double)]
        for number, row in enumerate(rows):
            branch = "└── " if number == len(rows) - 1 else "├── "
            yield (("    " if last else "│   ") + branch, "dim"), row


def _rows(holder: Holder, double: Double) -> Iterator[str]:
    """What excludes other versions; if nothing in this tree does, what does in another tree with the same version."""
    reasons = [one for one in holder.wanting if one.excludes]
    for one in reasons:
        yield f"{holder.tree}: {_said(one)}, which excludes {', '.join(one.excludes)}"
    yield from (f"{holder.tree}: soft: {one}" for one in holder.soft)
    named = [one for one in holder.wanting if one.by == ASKED]
    elsewhere = _elsewhere(holder, double)
    if not reasons and not holder.soft and elsewhere is not None:
        yield f"{holder.tree}: has the version of {elsewhere}"
    elif not reasons and named:
        yield f"{holder.tree}: {_said(named[0])}; a direct dependency follows no other tree"
    elif not reasons and not holder.soft:
        yield f"{holder.tree}: no requirement excludes the others"


def _elsewhere(holder: Holder, double: Double) -> str | None:
    """Another tree with the same version, and the requirement there that excludes others."""
    alike = (other for other in double.holders if other.version == holder.version and other.tree != holder.tree)
    reasons = ((other, one) for other in alike for one in other.wanting if one.excludes)
    found = next(reasons, None)
    if found is None:
        return None
    return f"{found[0].tree}, where {_said(found[1])}, which excludes {', '.join(found[1].excludes)}"


def _said(one: Wanting) -> str:
    place = f" ({one.place})" if one.place else ""
    return f"{one.by}{place} {one.verb} {one.requirement}"


def advice(doubles: Iterable[Double]) -> str | None:
    """What to do about versions that no requirement forces; None if there are none."""
    loose = [one.name for one in doubles if one.is_loose]
    if not loose:
        return None
    return (
        f"no requirement needs all these versions of {', '.join(loose)}: unless unify = false, "
        "`mvlock resolve --upgrade-package NAME` unifies those that it can"
    )


def double_facts(double: Double) -> dict[str, object]:
    """The same for programs."""
    return {
        "name": double.name,
        "versions": [
            {
                "version": version,
                "trees": [_facts(holder) for holder in double.holders if holder.version == version],
            }
            for version in double.versions
        ],
    }


def _facts(holder: Holder) -> dict[str, object]:
    wanting = [
        {
            "by": one.by,
            **({"place": one.place} if one.place else {}),
            "requirement": one.requirement,
            "excludes": one.excludes,
        }
        for one in holder.wanting
    ]
    return {"tree": holder.tree, "requirements": wanting, **({"soft": holder.soft} if holder.soft else {})}
