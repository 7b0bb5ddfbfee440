"""Whether the application's environment matches the decision."""

from __future__ import annotations

from mvlock.environment.check import content_problems, foreign_files
from mvlock.environment.content import TreeContent
from mvlock.install.application import application_receipt
from mvlock.install.goal import Goal
from mvlock.install.view import view_folder
from mvlock.plan.model import Action
from mvlock.plan.receipt import TreeReceipt
from mvlock.store.bytecode import problems_in_place


def is_up_to_date(goal: Goal, receipt: TreeReceipt | None, content: TreeContent) -> bool:
    """Whether ``receipt``, the installed receipt, is the one for ``content``."""
    return receipt == application_receipt(content, goal.python)


def app_action(goal: Goal, receipt: TreeReceipt | None, content: TreeContent) -> Action:
    """What to do with the environment so that it becomes ``content``; its files are checked."""
    places = goal.places
    intact = not _file_problems(goal, content) and not places.import_map.is_dir()
    if intact and goal.options.repair:
        intact = not unknown_files(goal, content)
    if intact and is_up_to_date(goal, receipt, content):
        return Action.KEEP
    return Action.CREATE if receipt is None else Action.REPLACE


def app_problems(goal: Goal, content: TreeContent) -> list[str]:
    """Everything that is wrong with the environment's files."""
    return _file_problems(goal, content) + unknown_files(goal, content)


def _file_problems(goal: Goal, content: TreeContent) -> list[str]:
    """Bytecode of importshim is used whatever its source says, so that is checked, too."""
    places = goal.places
    found = content_problems(places.app.root, content, places.layout, goal.options.interpreter.path)
    return found + problems_in_place(places.import_map.parent)


def unknown_files(goal: Goal, content: TreeContent) -> list[str]:
    """Files in the environment that we did not write; Python would run some of them at every start."""
    places = goal.places
    ours = {places.import_map.relative_to(places.app.root).as_posix()}
    found = foreign_files(places.app.root, content, places.layout, ours)
    return [text for text in found if not text.startswith(f"{view_folder(places.layout)}/")]
