"""``mvlock remove NAME…``: removes requirements from pyproject.toml, resolves and installs."""

from __future__ import annotations

from argparse import Namespace

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from mvlock.commands.editing import Edit, open_edit
from mvlock.commands.options import Context
from mvlock.errors import LocalError
from mvlock.project.problem import did_you_mean


def execute(arguments: Namespace, context: Context) -> int:
    """Remove every requirement on the projects from one place, or a whole tree or alias."""
    names = [_parse(text) for text in arguments.names]
    with open_edit(arguments, context) as edit:
        if not names:
            names = _drop_entry(edit)
        for name in names if arguments.names else ():
            _drop(name, edit)
        for name in names:
            _drop_what_is_left(name, edit)
    return 0


def _parse(text: str) -> NormalizedName:
    try:
        return canonicalize_name(text, validate=True)
    except InvalidName as error:
        raise LocalError("name-invalid", f"'{text}' is not the name of a project") from error


def _drop_entry(edit: Edit) -> list[NormalizedName]:
    """Remove a whole tree or alias; returns the projects that it required."""
    section = edit.section
    if section.alias is None and section.tree is None:
        raise LocalError("usage", "remove: nothing to remove was given", hint="for example `mvlock remove requests`")
    names = edit.manifest.projects(section)
    if not edit.manifest.drop_entry(section):
        guess = did_you_mean(section.keys[-1], edit.manifest.entries_beside(section))
        raise LocalError("requirement-missing", f"there is no {section}{guess}")
    edit.add_message(f"Removed {section}")
    return names


def _drop(name: NormalizedName, edit: Edit) -> None:
    if not edit.manifest.drop(name, edit.section):
        raise _not_required(name, edit)
    edit.add_message(f"Removed '{name}' from {edit.section}")


def _drop_what_is_left(name: NormalizedName, edit: Edit) -> None:
    """Remove what is of no use without any requirement on the project: settings of its tree, its source."""
    if edit.manifest.sections_with(name):
        return
    if edit.manifest.drop_tree_settings(name):
        edit.add_message(f"The settings of the tree of '{name}' are removed too")
    if edit.manifest.drop_source(name):
        edit.add_message(f"The source of '{name}' is removed too")


def _not_required(name: NormalizedName, edit: Edit) -> LocalError:
    sections = edit.manifest.sections_with(name)
    options = [section.option for section in sections if section.option]
    hint = f"it is in {', '.join(map(str, sections))}" + (f"; use `{options[0]}`" if options else "")
    guess = "" if sections else did_you_mean(name, edit.manifest.projects(edit.section))
    return LocalError(
        "requirement-missing", f"'{name}' is not in {edit.section}{guess}", hint=hint if sections else None
    )
