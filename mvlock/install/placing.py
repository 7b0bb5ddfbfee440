"""Moves everything that was made into place."""

from __future__ import annotations

from mvlock.base.folders import Staging, remove_at_once
from mvlock.importmap.file import write_map
from mvlock.importmap.model import ImportMap
from mvlock.install.decision import Decision
from mvlock.install.places import Places
from mvlock.install.view import view_of
from mvlock.install.view_disk import write_view
from mvlock.plan.model import Action, Plan
from mvlock.progress import Reporter


def move_into_place(places: Places, plan: Plan, decision: Decision, staging: Staging, reporter: Reporter) -> bool:
    """Move everything staged into place, with the import map and the view; returns whether the import map changed."""
    fresh = staging.of(places.app.root)
    if fresh is not None:  # a new environment appears with its map
        write_map(fresh / places.import_map.relative_to(places.app.root), decision.import_map)
    staging.move_into_place()
    changed = write_map(places.import_map, decision.import_map)
    changed |= _write_view(places, decision.import_map, reporter)
    for name in plan.of(Action.REMOVE):
        remove_at_once(places.modules / name)
    return changed or fresh is not None


def _write_view(places: Places, value: ImportMap, reporter: Reporter) -> bool:
    """Called after everything else is in place, since the view is made from that."""
    try:
        return write_view(places.view, view_of(value, places.import_map.parent, places.view), places.app.movable)
    except OSError as error:
        reporter.note(f"links cannot be created here ({error.strerror}): type checkers will not find the trees")
        return False
