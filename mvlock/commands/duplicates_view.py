"""How several versions of one project are shown, and where the reasons are read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from mvlock.commands.console import Part
from mvlock.commands.lock_request import LockRequest
from mvlock.commands.options import Context
from mvlock.commands.workspace import open_workspace
from mvlock.lock.duplicates import ASKED, Double, Doubles, Holder, Wanting
from mvlock.lock.model import Lock


@contextmanager
def open_duplicates(lock: Lock, request: LockRequest, context: Context) -> Iterator[Doubles]:
    """Projects of which ``lock`` has several versions; dependents' metadata comes from the cache or the index."""
    from mvlock.commands.locking import open_catalogue

    project = open_workspace(context.options).project
    with open_catalogue(project, lock, request, context) as catalogue:
        yield Doubles(lock, project, catalogue)


def duplicate_lines(double: Double) -> Iterator[tuple[Part, ...]]:
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
    reasons = [requirer for requirer in holder.wanting if requirer.excludes]
    for requirer in reasons:
        yield f"{holder.tree}: {_requirement_text(requirer)}, which excludes {', '.join(requirer.excludes)}"
    yield from (f"{holder.tree}: soft: {reason}" for reason in holder.soft)
    direct = [requirer for requirer in holder.wanting if requirer.by == ASKED]
    elsewhere = _elsewhere(holder, double)
    if not reasons and not holder.soft and elsewhere is not None:
        yield f"{holder.tree}: has the version of {elsewhere}"
    elif not reasons and direct:
        yield f"{holder.tree}: {_requirement_text(direct[0])}; a direct dependency follows no other tree"
    elif not reasons and not holder.soft:
        yield f"{holder.tree}: no requirement excludes the others"


def _elsewhere(holder: Holder, double: Double) -> str | None:
    """Another tree with the same version, and the requirement there that excludes others."""
    same_version = (other for other in double.holders if other.version == holder.version and other.tree != holder.tree)
    reasons = ((other, requirer) for other in same_version for requirer in other.wanting if requirer.excludes)
    first = next(reasons, None)
    if first is None:
        return None
    return f"{first[0].tree}, where {_requirement_text(first[1])}, which excludes {', '.join(first[1].excludes)}"


def _requirement_text(requirer: Wanting) -> str:
    place = f" ({requirer.place})" if requirer.place else ""
    return f"{requirer.by}{place} {requirer.verb} {requirer.requirement}"


def advice(doubles: Iterable[Double]) -> str | None:
    """What to do about versions that no requirement forces; None if there are none."""
    avoidable = [duplicate.name for duplicate in doubles if duplicate.is_loose]
    if not avoidable:
        return None
    return (
        f"no requirement needs all these versions of {', '.join(avoidable)}: unless unify = false, "
        "`mvlock resolve --upgrade-package NAME` unifies those that it can"
    )


def duplicate_facts(double: Double) -> dict[str, object]:
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
            "by": requirer.by,
            **({"place": requirer.place} if requirer.place else {}),
            "requirement": requirer.requirement,
            "excludes": requirer.excludes,
        }
        for requirer in holder.wanting
    ]
    return {"tree": holder.tree, "requirements": wanting, **({"soft": holder.soft} if holder.soft else {})}
