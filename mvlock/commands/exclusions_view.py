"""What exclude-dependencies leaves out, beside an answer from the lock, which does not mention it."""

from __future__ import annotations

from contextlib import suppress

from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Options
from mvlock.errors import MvlockError


def exclusion_notes(options: Options) -> dict[str, str]:
    """By project: a note that dependencies on it are left out, and where that is set; empty if that is not known."""
    found: dict[str, set[str]] = {}
    with suppress(MvlockError):
        for exclusion in (one for tree in open_project(options).project.trees for one in tree.exclusions):
            found.setdefault(exclusion.project, set()).add(str(exclusion.origin))
    text = "dependencies on {} are left out by exclude-dependencies ({})"
    return {name: text.format(name, ", ".join(sorted(found[name]))) for name in sorted(found)}
