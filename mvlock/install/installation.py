"""One install of one project: plan, supply, decide, assemble beside, then change places.

Until every new tree stands complete beside its place, nothing of the project is touched; then each takes its
place by one rename. What is removed goes last.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mvlock.install.alone import alone_in
from mvlock.install.app_state import app_action
from mvlock.install.assembly import Assembly
from mvlock.install.conclusion import CHANGES, Conclusion, check_others, conclude, first_plan
from mvlock.install.condition import told_by_files
from mvlock.install.drafts import drafts
from mvlock.install.goal import Goal
from mvlock.install.modules_folder import check_modules, leave_modules
from mvlock.install.options import InstallReport
from mvlock.install.own_version import deciding_files as files_of_version
from mvlock.install.places import Places
from mvlock.install.prepared import Prepare, foresight, preparation
from mvlock.install.publishing import publish
from mvlock.install.receipts import Installed, check_ours, read_installed
from mvlock.install.settled import Settled
from mvlock.install.supply import Supplier
from mvlock.install.swap import remove_siblings
from mvlock.install.view import APPLICATION, BEHIND
from mvlock.plan import Action, TreeReceipt
from mvlock.progress import Reporter
from mvlock.project.digest import deciding_files
from mvlock.store import Store


def install(goal: Goal, store: Store, supplier: Supplier, reporter: Reporter) -> InstallReport:
    """Make the project's environments what ``goal`` says; in a dry run, tell what that would do.

    :raises UsageError: ``folder-not-ours``, ``python-of-others``
    """
    check_modules(goal.places.modules, goal.places.project)
    if goal.options.dry_run:
        return _foretold(goal, store, reporter)
    with _alone(goal, reporter):
        try:
            return _installed(goal, store, preparation(goal, store, supplier, reporter), reporter)
        finally:
            leave_modules(goal.places.modules)


def _foretold(goal: Goal, store: Store, reporter: Reporter) -> InstallReport:
    end = _concluded(goal, foresight(goal, store))
    for line in end.decision.lines():
        reporter.detail(line)
    return InstallReport(end.plan, done=False)


def _installed(goal: Goal, store: Store, prepare: Prepare, reporter: Reporter) -> InstallReport:
    end = _concluded(goal, prepare)
    with drafts() as made:
        assembly = Assembly(goal, store, made, reporter)
        assembly.run(end.decision, end.prepared.values(), with_app=end.plan.app in CHANGES)
        changed = publish(goal, end.plan, end.decision, made, reporter)
    for note in goal.slips():
        reporter.note(note)
    return InstallReport(
        end.plan,
        done=True,
        map_changed=changed,
        left=_left(goal, end.decision.receipts.values()),
        interpreter=goal.options.interpreter,
    )


def _concluded(goal: Goal, prepare: Prepare) -> Conclusion:
    """What this install has to do, the application's environment included."""
    installed = read_installed(goal.places)
    _check_folders(goal, installed)
    check_others(goal, installed)
    plan = first_plan(goal, installed, told_by_files(goal, installed.readable))
    end = conclude(goal, installed, plan, prepare, going=plan.of(Action.REMOVE))
    return replace(end, plan=replace(end.plan, app=app_action(goal, installed.app, end.decision.app)))


def _check_folders(goal: Goal, installed: Installed) -> None:
    for tree in goal.wanted:
        if tree.name not in installed.trees:
            check_ours(goal.places.modules / tree.name, "modules")
    check_ours(goal.places.app.root, "app")


@contextmanager
def _alone(goal: Goal, reporter: Reporter) -> Iterator[None]:
    """Alone at work in this project, with what killed runs left cleared away."""
    places = goal.places

    def waiting() -> None:
        reporter.note(f"waiting for another mvlock at work in {places.project}")

    with alone_in(places.project, goal.options.cache, waiting):
        for folder in (places.modules, places.app.root.parent, places.view.parent):
            remove_siblings(folder)
        yield


def _left(goal: Goal, receipts: Iterable[TreeReceipt]) -> Settled:
    """What must be as it is for the next install to have nothing to do."""
    project, places, layout = goal.project, goal.places, goal.places.layout
    editable = {one.directory.path: one.directory.editable for one in goal.lock.packages if one.directory is not None}
    own = (places.app.root / layout.scripts, places.app.site_packages, places.import_map.parent)
    return Settled(
        modules=project.modules,
        app=project.app,
        interpreter=str(goal.options.interpreter.path),
        folders=tuple(folder.relative_to(places.project).as_posix() for folder in own),
        parts=(f"{layout.scripts}/{layout.executables[0]}", layout.site_packages),
        files=tuple({*deciding_files(project), *files_of_version(project)}),
        sources=tuple((path, editable[path], state) for path, state in sorted(goal.fingerprints.items())),
        listings=_listings(places, receipts),
    )


def _listings(places: Places, receipts: Iterable[TreeReceipt]) -> tuple[str, ...]:
    """Folders whose names were decided, relative to the project.

    Those that ``.pth`` files of trees add, whose modules are in the map; those of the view.
    """
    pairs = [(receipt.tree, item) for receipt in receipts for item in receipt.distributions]
    found = {places.tree(tree).site_packages / path for tree, item in pairs for path in item.paths}
    found |= {places.view / name for name in (APPLICATION, BEHIND)}
    there = {os.path.normpath(folder) for folder in found if folder.is_dir()}
    return tuple(sorted(Path(os.path.relpath(folder, places.project)).as_posix() for folder in there))
