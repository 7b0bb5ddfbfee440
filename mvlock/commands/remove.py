"""``mvlock remove NAME…``: removes requirements from pyproject.toml, and resolves."""

from __future__ import annotations

from argparse import Namespace

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from mvlock.commands.editing import Edit
from mvlock.commands.options import Shell
from mvlock.errors import UsageError


def execute(arguments: Namespace, shell: Shell) -> int:
    """Remove every line for the projects from one place."""
    names = [_parse(text) for text in arguments.names]
    edit = Edit(arguments, shell)
    for name in names:
        if not edit.manifest.drop(name, edit.place):
            raise _not_there(name, edit)
        if not edit.manifest.holders(name) and edit.manifest.drop_tree_settings(name):
            edit.tell(f"The settings of the tree of '{name}' are removed too")
        edit.tell(f"Removed '{name}' from {edit.place}")
    edit.finish()
    return 0


def _parse(text: str) -> NormalizedName:
    try:
        return canonicalize_name(text, validate=True)
    except InvalidName as error:
        raise UsageError("name-invalid", f"'{text}' is not the name of a project") from error


def _not_there(name: NormalizedName, edit: Edit) -> UsageError:
    holders = edit.manifest.holders(name)
    hint = None
    if holders:
        options = [f"--group {place.group}" for place in holders if place.group]
        options += [f"--extra {place.extra}" for place in holders if place.extra]
        hint = f"it is in {', '.join(map(str, holders))}" + (f"; use `{options[0]}`" if options else "")
    return UsageError("requirement-missing", f"'{name}' is not in {edit.place}", hint=hint)
