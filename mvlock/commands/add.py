"""``mvlock add REQ…``: adds requirements to pyproject.toml, and resolves."""

from __future__ import annotations

from argparse import Namespace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.commands.editing import Edit
from mvlock.commands.options import Context
from mvlock.commands.requirements import parse_requirement
from mvlock.lock.model import Lock
from mvlock.project.fields import plain_requirement
from mvlock.project.tree_names import tree_name


def execute(arguments: Namespace, context: Context) -> int:
    """Add or replace requirements; a bare name gets the locked version as its lower bound."""
    requirements = [parse_requirement(text) for text in arguments.requirements]
    edit = Edit(arguments, context)
    existing = [
        found
        for requirement in requirements
        for found in edit.manifest.requirements(canonicalize_name(requirement.name), edit.section)
    ]
    new = [requirement for requirement in requirements if not _is_covered(requirement, existing, edit)]
    for requirement in new:
        edit.manifest.put(requirement, edit.section)
    if not arguments.raw and any(_is_unbounded(requirement, edit) for requirement in new):
        new = _add_bounds(new, edit)
    for requirement in new:
        if _normalised(requirement) in map(_normalised, existing):
            edit.add_message(f"'{requirement}' is already in {edit.section}")
        else:
            edit.add_message(f"Added '{requirement}' to {edit.section}")
    edit.finish()
    return 0


def _is_covered(requirement: Requirement, existing: list[Requirement], edit: Edit) -> bool:
    """Whether a bare name with a marker adds nothing, because the project is required without a marker already."""
    if requirement.marker is None or requirement.specifier or requirement.url:
        return False
    name, extras = canonicalize_name(requirement.name), _normalised(requirement).extras
    for other in map(_normalised, existing):
        if other.name == name and other.marker is None and other.extras >= extras:
            edit.add_message(f"'{requirement}' is already covered by '{other}' in {edit.section}")
            return True
    return False


def _normalised(requirement: Requirement) -> Requirement:
    return plain_requirement(str(requirement))


def _is_unbounded(requirement: Requirement, edit: Edit) -> bool:
    """Whether it has no version, and no source of its own."""
    from_source = canonicalize_name(requirement.name) in edit.workspace.project.sources
    return not requirement.specifier and not requirement.url and not from_source


def _add_bounds(requirements: list[Requirement], edit: Edit) -> list[Requirement]:
    lock = edit.resolve()
    bounded = [
        _with_lower_bound(requirement, lock) if _is_unbounded(requirement, edit) else requirement
        for requirement in requirements
    ]
    for requirement in bounded:
        edit.manifest.put(requirement, edit.section)
    return bounded


def _with_lower_bound(requirement: Requirement, lock: Lock) -> Requirement:
    bound = _lower_bound(requirement, lock)
    if bound is None:
        return requirement
    bounded = plain_requirement(str(requirement))
    bounded.specifier &= bound
    return bounded


def _lower_bound(requirement: Requirement, lock: Lock) -> str | None:
    """``>=`` the oldest locked version for the requirement."""
    name = canonicalize_name(requirement.name)
    own_trees = [tree for tree in lock.trees if tree.name == tree_name(name)]
    trees = own_trees or [tree for tree in lock.trees if not tree.alias]
    versions = [Version(member.version) for tree in trees for member in tree.packages if member.name == name]
    return f">={min(versions).public}" if versions else None
