"""What a check of every file of a project's environments found, and how it is reported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from mvlock.importmap.file import map_text
from mvlock.importmap.model import ImportMap
from mvlock.interpreter.model import Interpreter
from mvlock.lock.model import LockedTree
from mvlock.plan.model import Action, Change, TreeStep
from mvlock.plan.receipt import TREE_RECEIPT
from mvlock.plan.select import Selection

NO_RECEIPT = f"mvlock did not make it: it has no {TREE_RECEIPT}"
NOT_INSTALLED = "it is locked, but not installed"
OTHER_APPLICATION = "it was created for another state or location of the project, or by another version of mvlock"

_REPAIR = "`mvlock install --repair` fixes it"
_INSTALL = "`mvlock install` fixes it"


class Findings(msgspec.Struct, frozen=True):
    """What is wrong, by tree ("" is the application's environment), and what fixes it. Empty: nothing is wrong."""

    trees: Mapping[str, tuple[str, ...]]
    remedy: str


def findings(different: Mapping[str, list[str]], damaged: Mapping[str, list[str]], foreign: list[str]) -> Findings:
    """Any install fixes what is ``different``, a repair what is ``damaged``; folders in ``foreign`` are not touched."""
    trees = {name: tuple(problems) for name, problems in sorted({**damaged, **different}.items()) if problems}
    remedy = _REPAIR if any(damaged.values()) else _INSTALL
    if foreign:
        remedy = f"move {' and '.join(foreign)} away, or name other folders in [tool.mvlock]; then {remedy}"
    return Findings(trees, remedy)


def python_mismatch(python: str, interpreter: Interpreter) -> Findings:
    """Everything was made for another Python, ``python`` (as receipts name it), than ``interpreter``."""
    implementation, _, path = python.partition(" at ")
    version = implementation.rpartition(" ")[2]
    option = ".".join(version.split(".")[:2]) if version != interpreter.version else path
    what = f"Python {version}" if version != interpreter.version else python
    return Findings({"": (f"it was made for {what}",)}, f"verify with --python {option}")


def summary(problems: list[str]) -> str:
    """Many problems as one short reason."""
    rest = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{problems[0]}{rest}"


def step_text(step: TreeStep, locked: LockedTree | None, selection: Selection) -> str:
    """What a pending step means for the tree as it is now."""
    if step.action is Action.CREATE:
        return NOT_INSTALLED
    if step.action is Action.REMOVE:
        return "it is installed, but not locked" if locked is None else _not_selected(locked, selection)
    differences = [_change_text(change) for change in step.changed]
    differences += [f"{text} is missing" for text in step.added] + [f"{text} is not locked" for text in step.removed]
    return step.reason or "; ".join(differences)


def _change_text(change: Change) -> str:
    what = f"instead of {change.new}" if change.old != change.new else "has other content"
    return f"{change.name} {change.old} {what}"


def _not_selected(tree: LockedTree, selection: Selection) -> str:
    groups = ", ".join(sorted(selection.groups)) or "none"
    by_groups = [*tree.groups, *(wish.group for wish in tree.wishes if wish.group)]
    by_extras = [*tree.extras, *(wish.extra for wish in tree.wishes if wish.extra)]
    options = dict.fromkeys([f"--group {name}" for name in by_groups] + [f"--extra {name}" for name in by_extras])
    text = f"it is installed, but not required by these groups: {groups}"
    return f"{text}; {' or '.join(options)} requires it" if options else text


def map_problems(path: Path, expected: ImportMap) -> list[str]:
    """Whether the import map at ``path`` can be read and is ``expected``."""
    try:
        text = path.read_text("utf-8")
        msgspec.json.decode(text, type=ImportMap)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        first = str(error).partition("\n")[0]
        return [f"{path.name} cannot be read: {first}"]
    return [] if text == map_text(expected) else [f"{path.name} does not match the trees"]
