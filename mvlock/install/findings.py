"""What a look at every file of a project's environments has found, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from mvlock.importmap import map_text
from mvlock.importmap.model import ImportMap
from mvlock.plan import Action, TreeStep

Findings = Mapping[str, tuple[str, ...]]
"""What is wrong, by tree; "" is the application's environment. Empty: all is as it should be."""


def described(problems: list[str]) -> str:
    """Many problems as one short reason."""
    rest = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{problems[0]}{rest}"


def said_of(step: TreeStep) -> str:
    """What a step that would have to be done says of the tree as it is."""
    if step.action is Action.CREATE:
        return "it is locked, but not installed"
    if step.action is Action.REMOVE:
        return "it is installed, but not locked"
    there = [f"without {text}" for text in step.added] + [f"with {text}" for text in step.removed]
    there += [f"with {change.name} {change.old}" for change in step.changed]
    return step.reason or f"it is not as mv.lock says: {', '.join(there)}"


def map_problems(path: Path, expected: ImportMap) -> list[str]:
    """Whether the import map at ``path`` can be read and is ``expected``."""
    try:
        text = path.read_text("utf-8")
        ImportMap.model_validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        first = str(error).partition("\n")[0]
        return [f"{path.name} cannot be read: {first}"]
    return [] if text == map_text(expected) else [f"{path.name} is not what the trees need"]
