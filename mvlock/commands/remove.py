"""``mvlock remove NAME…``: removes requirements from pyproject.toml, and resolves."""

from __future__ import annotations

from argparse import Namespace

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from mvlock.commands.editing import Edit
from mvlock.commands.options import Context
from mvlock.errors import LocalError


def execute(arguments: Namespace, context: Context) -> int:
    """Remove every requirement on the projects from one place."""
    names = [_parse(text) for text in arguments.names]
    edit = Edit(arguments, context)
    for name in names:
        if not edit.manifest.drop(name, edit.section):
            raise _not_required(name, edit)
        if not edit.manifest.sections_with(name) and edit.manifest.drop_tree_settings(name):
            edit.add_message(f"The settings of the tree of '{name}' are removed too")
        edit.add_message(f"Removed '{name}' from {edit.section}")
    edit.finish()
    return 0


def _parse(text: str) -> NormalizedName:
    try:
        return canonicalize_name(text, validate=True)
    except InvalidName as error:
        raise LocalError("name-invalid", f"'{text}' is not the name of a project") from error


def _not_required(name: NormalizedName, edit: Edit) -> LocalError:
    sections = edit.manifest.sections_with(name)
    hint = None
    if sections:
        options = [f"--group {section.group}" for section in sections if section.group]
        options += [f"--extra {section.extra}" for section in sections if section.extra]
        hint = f"it is in {', '.join(map(str, sections))}" + (f"; use `{options[0]}`" if options else "")
    return LocalError("requirement-missing", f"'{name}' is not in {edit.section}", hint=hint)
