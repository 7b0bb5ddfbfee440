"""Whether what is on disk matches the decision, down to every file; changes nothing."""

from __future__ import annotations

from collections.abc import Collection

from mvlock.errors import UnmetRequest
from mvlock.importmap.model import ImportMap
from mvlock.install.app_state import app_problems, is_up_to_date
from mvlock.install.complete_plan import CHANGES, complete_plan, initial_plan
from mvlock.install.findings import (
    NO_RECEIPT,
    NOT_INSTALLED,
    OTHER_APPLICATION,
    Findings,
    findings,
    map_problems,
    python_mismatch,
    step_text,
)
from mvlock.install.generated_folders import check_application_folder, is_ours
from mvlock.install.goal import Goal
from mvlock.install.prepared import prepare_nothing
from mvlock.install.rebuild_reasons import all_problems
from mvlock.install.receipts import read_installed
from mvlock.install.view import view_of
from mvlock.install.view_disk import description, view_problem
from mvlock.plan.model import Action, Plan


def verify(goal: Goal) -> Findings:
    """What is not as it should be, by tree and for the application ("").

    :raises UnmetRequest: ``verification-failed``: nothing at all is installed
    :raises LocalError: ``folder-not-ours``: and nothing can be, because of that folder
    """
    installed = read_installed(goal.places)
    if not installed.trees and installed.app is None:
        check_application_folder(goal.project)
        raise UnmetRequest("verification-failed", "nothing is installed yet", hint="`mvlock install` does it")
    pythons = {receipt.python for receipt in (*installed.readable.values(), installed.app) if receipt is not None}
    if pythons and goal.python not in pythons:
        return python_mismatch(min(pythons), goal.options.interpreter)
    complete = complete_plan(goal, installed, initial_plan(goal, installed, {}), prepare_nothing, removed=())
    foreign = _foreign(goal, complete.plan)
    different = _different(goal, complete.plan, foreign)
    damaged = all_problems(goal, {name: installed.readable[name] for name in complete.plan.of(Action.KEEP)})
    if not foreign and is_up_to_date(goal, installed.app, complete.decision.app):
        damaged[""] = app_problems(goal, complete.decision.app)
        if not complete.plan.of(*CHANGES):  # the map covers every tree
            damaged[""] += _routing_problems(goal, complete.decision.import_map)
    elif "" not in foreign and not (installed.app and complete.plan.of(*CHANGES)):  # it changes with the trees
        different[""] = [OTHER_APPLICATION if installed.app else NOT_INSTALLED]
    return findings(different, damaged, [_folder(goal, name) for name in sorted(foreign)])


def _foreign(goal: Goal, plan: Plan) -> set[str]:
    """Trees, and the application (""), whose place is taken by something that we did not make."""
    found = {name for name in plan.of(Action.CREATE) if not is_ours(goal.places.modules / name)}
    return found | (set() if is_ours(goal.places.app.root) else {""})


def _different(goal: Goal, plan: Plan, foreign: Collection[str]) -> dict[str, list[str]]:
    found = {name: [NO_RECEIPT] for name in foreign}
    selection = goal.options.selection(goal.project)
    for step in plan.steps:
        if step.action is not Action.KEEP and step.tree not in foreign:
            found[step.tree] = [step_text(step, goal.locked.get(step.tree), selection)]
    return found


def _routing_problems(goal: Goal, expected: ImportMap) -> list[str]:
    places = goal.places
    view = view_of(expected, places.import_map.parent, places.view)
    problem = view_problem(places.view, description(view, places.view, places.app.movable))
    view_problems = [f"the view for tools that read the disk: {problem}"] if problem else []
    return map_problems(places.import_map, expected) + view_problems


def _folder(goal: Goal, tree: str) -> str:
    return f"{goal.project.modules}/{tree}" if tree else f"{goal.project.app}"
