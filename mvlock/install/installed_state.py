"""What an install leaves behind: everything that must be unchanged for the next one to have nothing to do."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from mvlock.base.freshness import folder_fingerprint
from mvlock.environment.content import folders_of
from mvlock.install import dynamic_metadata
from mvlock.install.decision import Decision
from mvlock.install.goal import Goal
from mvlock.install.places import Places
from mvlock.install.up_to_date import InstalledState
from mvlock.install.view import APPLICATION, BEHIND
from mvlock.plan.receipt import TreeReceipt
from mvlock.project.digest import digest_files, editable_fingerprint


def installed_state(goal: Goal, decision: Decision) -> InstalledState:
    """What to record about an install that has carried out ``decision``."""
    project, places, layout = goal.project, goal.places, goal.places.layout
    editable = {
        package.directory.path: package.directory.editable
        for package in goal.lock.packages
        if package.directory is not None
    }
    code = (places.app.root / layout.scripts, places.app.site_packages, places.import_map.parent)
    watched = [*code, *(places.app.root / folder for folder in sorted(folders_of(decision.app.symlinks)))]
    return InstalledState(
        modules=project.modules,
        app=project.app,
        interpreter=str(goal.options.interpreter.path),
        folders=tuple(dict.fromkeys(folder.relative_to(places.project).as_posix() for folder in watched)),
        parts=(f"{layout.scripts}/{layout.executables[0]}", layout.site_packages, "pyvenv.cfg"),
        files=tuple({*digest_files(project), *dynamic_metadata.build_files(project)}),
        sources=tuple(
            (path, editable[path], _seen_state(project.root / path, state) if editable[path] else state)
            for path, state in sorted(goal.fingerprints.items())
        ),
        listings=_listings(places, decision.receipts.values()),
    )


def _seen_state(folder: Path, state: str) -> str:
    """How ``up_to_date``, which parses nothing, will see an editable source; "" if it has changed since ``state``."""
    seen = folder_fingerprint(folder, editable=True)
    return seen if editable_fingerprint(folder) == state else ""


def _listings(places: Places, receipts: Iterable[TreeReceipt]) -> tuple[str, ...]:
    """Folders whose listings the decision depends on, relative to the project.

    These are the folders that ``.pth`` files of trees add, whose modules are in the map, and those of the view.
    """
    pairs = [(receipt.tree, item) for receipt in receipts for item in receipt.distributions]
    found = {places.tree(tree).site_packages / path for tree, item in pairs for path in item.paths}
    found |= {places.view / name for name in (APPLICATION, BEHIND)}
    existing = {os.path.normpath(folder) for folder in found if folder.is_dir()}
    return tuple(sorted(Path(os.path.relpath(folder, places.project)).as_posix() for folder in existing))
