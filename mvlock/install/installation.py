"""One install of one project: plan, fetch, decide, assemble beside the old environments, then swap.

Until every new tree is complete beside its place, nothing of the project is touched; then each is moved into place
by one rename. Removals come last.
"""

from __future__ import annotations

from msgspec.structs import replace

from mvlock.base.folders import Staging, remove_staging_folders, staging
from mvlock.install.app_state import app_action
from mvlock.install.assembly import Assembly
from mvlock.install.complete_plan import CHANGES, CompletePlan, check_other_trees, complete_plan, initial_plan
from mvlock.install.generated_folders import check_application_folder, check_ours, unused_folders
from mvlock.install.goal import Goal
from mvlock.install.installed_state import installed_state
from mvlock.install.modules_folder import check_modules, remove_unused_modules
from mvlock.install.options import InstallReport
from mvlock.install.placing import move_into_place
from mvlock.install.prepared import Prepare, dry_run_preparation, preparation
from mvlock.install.rebuild_reasons import reasons_from_files
from mvlock.install.receipts import Installed, read_installed, read_receipt
from mvlock.install.wheel_fetcher import WheelFetcher
from mvlock.plan.model import Action
from mvlock.progress import Reporter
from mvlock.store.file_workers import FileWorkers
from mvlock.store.store import Store


def install(goal: Goal, store: Store, fetcher: WheelFetcher, workers: FileWorkers, reporter: Reporter) -> InstallReport:
    """Make the project's environments what ``goal`` says; in a dry run, report what that would do.

    Unless it is a dry run, no other process may work on the project meanwhile.

    :raises LocalError: ``folder-not-ours``, ``python-of-others``
    """
    check_modules(goal.places.modules, goal.places.project)
    _report_other_python(goal, reporter)
    if goal.options.dry_run:
        return _dry_run(goal, store, reporter)
    _remove_leftovers(goal)
    try:
        complete = _completed_plan(goal, preparation(goal, store, fetcher, reporter))
        with staging() as staged:
            return _carry_out(goal, complete, Assembly(goal, store, staged, workers, reporter), staged, reporter)
    finally:
        remove_unused_modules(goal.places.modules)


def _report_other_python(goal: Goal, reporter: Reporter) -> None:
    receipt = read_receipt(goal.places.app.root)
    if receipt is not None and receipt.python != goal.python:
        reporter.note(f"everything is installed again, for {goal.python} instead of {receipt.python}")


def _dry_run(goal: Goal, store: Store, reporter: Reporter) -> InstallReport:
    complete = _completed_plan(goal, dry_run_preparation(goal, store))
    for line in complete.decision.lines():
        reporter.detail(line)
    return InstallReport(complete.plan, done=False)


def _carry_out(
    goal: Goal, complete: CompletePlan, assembly: Assembly, staged: Staging, reporter: Reporter
) -> InstallReport:
    assembly.run(complete.decision, complete.prepared.values(), with_app=complete.plan.app in CHANGES)
    changed = move_into_place(goal.places, complete.plan, complete.decision, staged, reporter)
    for note in goal.unmatched_settings():
        reporter.note(note)
    for folder in unused_folders(goal.project):
        reporter.note(f"{folder}/ is from an earlier install, and nothing uses it any more: delete it")
    return InstallReport(
        complete.plan,
        done=True,
        map_changed=changed,
        state=installed_state(goal, complete.decision),
        interpreter=goal.options.interpreter,
    )


def _completed_plan(goal: Goal, prepare: Prepare) -> CompletePlan:
    """What this install has to do, including the application's environment."""
    installed = read_installed(goal.places)
    _check_folders(goal, installed)
    check_other_trees(goal, installed)
    plan = initial_plan(goal, installed, reasons_from_files(goal, installed.readable))
    complete = complete_plan(goal, installed, plan, prepare, removed=plan.of(Action.REMOVE))
    return replace(complete, plan=replace(complete.plan, app=app_action(goal, installed.app, complete.decision.app)))


def _check_folders(goal: Goal, installed: Installed) -> None:
    for tree in goal.wanted:
        if tree.name not in installed.trees:
            check_ours(goal.places.modules / tree.name, goal.places.project, "modules")
    check_application_folder(goal.project)


def _remove_leftovers(goal: Goal) -> None:
    """Remove what killed runs left behind."""
    places = goal.places
    for folder in (places.modules, places.app.root.parent, places.view.parent):
        remove_staging_folders(folder)
