"""What an install has done, as few lines as possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mvlock.commands.amounts import counted, formatted_size
from mvlock.commands.changes import TreeChange, VersionChange, change_lines
from mvlock.commands.console import Part
from mvlock.plan.model import Action, Plan, TreeStep


def plan_lines(plan: Plan) -> list[tuple[Part, ...]]:
    """What changes: distributions, then trees that are made again for another reason."""
    steps = [step for step in plan.steps if step.action is not Action.KEEP]
    changes = [TreeChange(step.tree, "~", tuple(_changes(step))) for step in steps]
    again: list[tuple[Part, ...]] = [((f"~ {step.tree} ({step.reason})", "yellow"),) for step in steps if step.reason]
    return [*change_lines(changes), *again]


def _changes(step: TreeStep) -> Iterator[VersionChange]:
    for name, _, version in (text.partition(" ") for text in step.added):
        yield VersionChange(name, "", version)
    for change in step.changed:
        yield VersionChange(change.name, change.old, change.new)
    for name, _, version in (text.partition(" ") for text in step.removed):
        yield VersionChange(name, version, "")


def installed_text(plan: Plan, totals: Mapping[str, int], app: str) -> tuple[str, str]:
    """What was done, and to what: ``Installed``, ``360 distributions: 212 downloaded (1.2 GB), 3 built,``.

    If nothing new was put into any tree: ``Updated``, and how many trees have changed, or else the application.
    """
    steps = [step for step in plan.steps if step.action is not Action.REMOVE]
    made = {(one.name, one.new) for step in steps for one in _changes(step) if one.new}
    if not made:
        changed = sum(step.action is not Action.KEEP for step in plan.steps)
        return "Updated", counted(changed, "trees") if changed else f"{app}/"
    parts = []
    if downloaded := totals["distributions downloaded"]:
        parts.append(f"{downloaded} downloaded ({formatted_size(totals['bytes downloaded'])})")
    if built := totals["distributions built"]:
        parts.append(f"{built} built")
    count = counted(len(made), "distributions")
    return "Installed", f"{count}: {', '.join(parts)}," if parts else count
