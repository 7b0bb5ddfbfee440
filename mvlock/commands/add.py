"""``mvlock add REQ…``: adds requirements to pyproject.toml, resolves and installs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.commands.addition import Addition, read_additions
from mvlock.commands.editing import Edit, open_edit
from mvlock.commands.manifest import format_source
from mvlock.commands.options import Context
from mvlock.commands.source_names import names_of
from mvlock.lock.model import Lock, LockedTree
from mvlock.project.fields import plain_requirement
from mvlock.project.model import NamedIndexSource, Project
from mvlock.project.tree_names import tree_name
from mvlock.project.workspace import workspace_of


def execute(arguments: Namespace, context: Context) -> int:
    """Add or replace requirements and sources; a bare name gets the locked version as its lower bound."""
    with open_edit(arguments, context) as edit:
        additions = _with_names(read_additions(arguments, edit.project.root), edit, context)
        additions = _with_members(additions, edit.project)
        sources = list(_put_sources(additions, arguments.index, edit))
        requirements = [item.requirement for item in additions if item.requirement]
        _put_requirements([*requirements, *_requirements_in(arguments.files, edit)], edit, raw=arguments.raw)
        for text in sources:
            edit.add_message(text)
    return 0


def _with_names(additions: list[Addition], edit: Edit, context: Context) -> list[Addition]:
    """The additions with a requirement each: projects at paths and URLs are named by what they say of themselves."""
    unnamed = [item.source for item in additions if item.requirement is None and item.source is not None]
    names = iter(names_of(unnamed, edit.project, edit.request, context))
    return [
        item if item.requirement else replace(item, requirement=plain_requirement(next(names) + item.extras))
        for item in additions
    ]


def _with_members(additions: list[Addition], project: Project) -> list[Addition]:
    """The additions; of those without a source, the ones that are members of the project's workspace have it as one."""
    workspace = workspace_of(project.root) if project.workspace is not None else None
    if workspace is None:
        return additions
    names = workspace.members.keys() - project.sources.keys() - {canonicalize_name(project.name)}
    return [
        replace(item, is_member=True)
        if item.requirement and canonicalize_name(item.requirement.name) in names and not item.keys
        else item
        for item in additions
    ]


def _put_sources(additions: list[Addition], index: str | None, edit: Edit) -> Iterator[str]:
    """Write where projects come from; gives a message for each entry that is new."""
    name, _, url = (index or "").partition("=")
    if url and edit.manifest.put_index(name, url):
        yield f"Added index '{name}' to tool.mvlock.index"
    for item in additions:
        if (
            item.keys
            and item.requirement
            and edit.manifest.put_source(canonicalize_name(item.requirement.name), item.keys)
        ):
            yield f"Added {item.requirement.name} = {format_source(item.keys)} to tool.mvlock.sources"


def _put_requirements(requirements: list[Requirement], edit: Edit, *, raw: bool) -> None:
    existing = [
        found
        for requirement in requirements
        for found in edit.manifest.requirements(canonicalize_name(requirement.name), edit.section)
    ]
    new = [requirement for requirement in requirements if not _is_covered(requirement, existing, edit)]
    for requirement in new:
        edit.manifest.put(requirement, edit.section)
    for requirement in new if raw else _with_bounds(new, edit):
        if _normalised(requirement) in map(_normalised, existing):
            edit.add_message(f"'{requirement}' is already in {edit.section}")
        else:
            edit.add_message(f"Added '{requirement}' to {edit.section}")


def _requirements_in(files: list[str], edit: Edit) -> list[Requirement]:
    """The requirements of requirements files; their sources, indexes and constraints are added at once."""
    if not files:
        return []
    from mvlock.commands.adoption import adopt
    from mvlock.foreign.model import combined, without_itself, without_public_indexes
    from mvlock.foreign.requirements_file import read_requirements_file
    from mvlock.project.index_address import is_public_index

    read = combined(read_requirements_file(Path(file)) for file in files)
    found = without_itself(without_public_indexes(read, is_public_index), edit.project.root)
    adopted = adopt(edit.manifest, replace(found, requirements=()), edit.project.root)
    if adopted.others:
        edit.add_message(f"Added {adopted} to tool.mvlock")
    for omission in found.left_out:
        edit.add_message(f"left out: {omission}")
    return [one.requirement for one in found.requirements]


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


def _with_bounds(requirements: list[Requirement], edit: Edit) -> list[Requirement]:
    """The requirements in the file, those without a version with a lower bound: what they are resolved to."""
    if all(requirement.specifier or requirement.url for requirement in requirements):
        return requirements
    lock = edit.resolve()
    bounded = [_with_bound(requirement, lock, edit) for requirement in requirements]
    for requirement in bounded:
        edit.manifest.put(requirement, edit.section)
    edit.restate(lock, {str(old): str(new) for old, new in zip(requirements, bounded, strict=True) if old != new})
    return bounded


def _with_bound(requirement: Requirement, lock: Lock, edit: Edit) -> Requirement:
    name = canonicalize_name(requirement.name)
    source = edit.project.sources.get(name)
    versions = [
        Version(member.version)
        for tree in _trees_of(requirement, lock, edit)
        for member in tree.packages
        if member.name == name
    ]
    has_place = source is not None and not isinstance(source, NamedIndexSource)
    if requirement.specifier or requirement.url or has_place or not versions:
        return requirement
    bounded = plain_requirement(str(requirement))
    bounded.specifier &= f">={min(versions).public}"
    return bounded


def _trees_of(requirement: Requirement, lock: Lock, edit: Edit) -> list[LockedTree]:
    """The trees that a requirement is for: one that it names, else all that are not aliases."""
    if edit.section.alias is not None:
        return [tree for tree in lock.trees if tree.alias == edit.section.alias]
    own = tree_name(edit.section.tree or requirement.name)
    return [tree for tree in lock.trees if tree.name == own] or [tree for tree in lock.trees if not tree.alias]
