"""One install of one project: plan, supply, decide, assemble beside the old environments, then swap.

Until every new tree is complete beside its place, nothing of the project is touched; then each is moved into place
by one rename. Removals come last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from mvlock.base.folders import drafts, remove_siblings
from mvlock.base.locks import exclusive_project
from mvlock.install.app_state import app_action
from mvlock.install.assembly import Assembly
from mvlock.install.conclusion import CHANGES, Conclusion, check_others, conclude, first_plan
from mvlock.install.goal import Goal
from mvlock.install.installed_state import installed_state
from mvlock.install.modules_folder import check_modules, leave_modules
from mvlock.install.options import InstallReport
from mvlock.install.prepared import Prepare, foresight, preparation
from mvlock.install.preparer import Supplier
from mvlock.install.publishing import publish
from mvlock.install.rebuild_reasons import told_by_files
from mvlock.install.receipts import Installed, check_ours, read_installed
from mvlock.plan.model import Action
from mvlock.progress import Reporter
from mvlock.store.store import Store


def install(goal: Goal, store: Store, supplier: Supplier, reporter: Reporter) -> InstallReport:
    """Make the project's environments what ``goal`` says; in a dry run, report what that would do.

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
        changed = publish(goal.places, end.plan, end.decision, made, reporter)
    for note in goal.slips():
        reporter.note(note)
    return InstallReport(
        end.plan,
        done=True,
        map_changed=changed,
        state=installed_state(goal, end.decision),
        interpreter=goal.options.interpreter,
    )


def _concluded(goal: Goal, prepare: Prepare) -> Conclusion:
    """What this install has to do, including the application's environment."""
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
    """Exclusive access to this project, after removing what killed runs left behind."""
    places = goal.places

    def waiting() -> None:
        reporter.note(f"waiting for another mvlock in {places.project}")

    with exclusive_project(places.project, goal.options.cache, waiting):
        for folder in (places.modules, places.app.root.parent, places.view.parent):
            remove_siblings(folder)
        yield
