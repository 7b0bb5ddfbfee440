"""Hints on conflicts that need more than the solver has: the project and its folders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name

from mvlock.base.pep508 import parse_requirement
from mvlock.errors import UnmetRequest
from mvlock.project.location import FILE_NAME
from mvlock.project.model import PathSource, Project
from mvlock.project.workspace import workspace_of


def add_own_environment(error: UnmetRequest, project: Project) -> None:
    """If two requirements of a dependency in a folder exclude each other, say first how it runs by its own lock.

    There they are direct dependencies, and may be in trees of their own; here they are in the tree of the dependency.
    """
    name = _torn(error.facts)
    source = project.sources.get(canonicalize_name(name)) if name is not None else None
    if isinstance(source, PathSource) and (source.path / FILE_NAME).is_file():
        option = f"--package {name}" if _is_member(source, project) else f"--project {source.relative}"
        text = (
            f"`mvlock run {option} …` runs {name} by its own lock, where its dependencies can be in trees of their own"
        )
        error.hint = f"{text}; or {error.hint}" if error.hint else text


def _torn(facts: Mapping[str, Any]) -> str | None:
    """The dependency that a conflict is about alone, by several requirements of its own; None: it is another one."""
    proof = facts.get("proof", ())
    asked = {parse_requirement(fact["requirement"]).name for fact in proof if fact["kind"] in ("asks", "bounds")}
    needs = {fact["requirement"] for fact in proof if fact["kind"] == "needs" and {fact["project"]} == asked}
    return asked.pop() if len(needs) > 1 else None


def _is_member(source: PathSource, project: Project) -> bool:
    workspace = workspace_of(project.root) if project.workspace is not None else None
    return workspace is not None and source.path.resolve() in workspace.members.values()
