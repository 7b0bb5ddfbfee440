"""``mvlock add REQ…``: adds requirements to pyproject.toml, and resolves."""

from __future__ import annotations

from argparse import Namespace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import Version

from mvlock.commands.editing import Edit
from mvlock.commands.options import Shell
from mvlock.errors import UsageError
from mvlock.lock.model import Lock
from mvlock.project.fields import plain_requirement
from mvlock.project.trees import tree_name


def execute(arguments: Namespace, shell: Shell) -> int:
    """Add or replace the lines; a bare name gets the locked version as its lower bound."""
    requirements = [_parse(text) for text in arguments.requirements]
    edit = Edit(arguments, shell)
    there = [line for one in requirements for line in edit.manifest.lines(canonicalize_name(one.name), edit.place)]
    new = [one for one in requirements if not _is_covered(one, there, edit)]
    for requirement in new:
        edit.manifest.put(requirement, edit.place)
    if not arguments.raw and any(_is_bare(one, edit) for one in new):
        new = _add_bounds(new, edit)
    for requirement in new:
        if _normal(requirement) in map(_normal, there):
            edit.tell(f"'{requirement}' is already in {edit.place}")
        else:
            edit.tell(f"Added '{requirement}' to {edit.place}")
    edit.finish()
    return 0


def _is_covered(requirement: Requirement, there: list[Requirement], edit: Edit) -> bool:
    """Whether a line without a marker already requires this project: then a bare name with a marker adds nothing."""
    if requirement.marker is None or requirement.specifier or requirement.url:
        return False
    name, extras = canonicalize_name(requirement.name), _normal(requirement).extras
    for line in map(_normal, there):
        if line.name == name and line.marker is None and line.extras >= extras:
            edit.tell(f"'{requirement}' adds nothing to '{line}', which is already in {edit.place}")
            return True
    return False


def _normal(requirement: Requirement) -> Requirement:
    return plain_requirement(str(requirement))


def _parse(text: str) -> Requirement:
    try:
        return plain_requirement(text)
    except (InvalidRequirement, InvalidName) as error:
        reason = str(error).splitlines()[0]
        raise UsageError("requirement-invalid", f"'{text}' is not a requirement ({reason})") from error


def _is_bare(requirement: Requirement, edit: Edit) -> bool:
    """Whether it has no version, and no source of its own."""
    from_source = canonicalize_name(requirement.name) in edit.workspace.project.sources
    return not requirement.specifier and not requirement.url and not from_source


def _add_bounds(requirements: list[Requirement], edit: Edit) -> list[Requirement]:
    lock = edit.resolve()
    bounded = [_bounded(one, lock) if _is_bare(one, edit) else one for one in requirements]
    for requirement in bounded:
        edit.manifest.put(requirement, edit.place)
    return bounded


def _bounded(requirement: Requirement, lock: Lock) -> Requirement:
    bound = _bound(requirement, lock)
    if bound is None:
        return requirement
    bounded = plain_requirement(str(requirement))
    bounded.specifier &= bound
    return bounded


def _bound(requirement: Requirement, lock: Lock) -> str | None:
    """``>=`` the oldest locked version for the requirement."""
    name = canonicalize_name(requirement.name)
    own = [tree for tree in lock.trees if tree.name == tree_name(name)]
    trees = own or [tree for tree in lock.trees if not tree.alias]
    versions = [Version(member.version) for tree in trees for member in tree.packages if member.name == name]
    return f">={min(versions).public}" if versions else None
