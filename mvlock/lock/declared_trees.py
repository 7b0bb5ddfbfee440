"""What the project requires, tree by tree: where that is written, and whether a lock's trees are the same.

The digest says only what a lock was made from; the lock may have been edited by hand, or merged so that the digest is
from one side and a tree from the other.
"""

from __future__ import annotations

from mvlock.lock.model import Lock, LockedTree, LockedWish
from mvlock.project.declaration import Origin
from mvlock.project.model import Project, TreeRequest


def trees_difference(project: Project, lock: Lock) -> str | None:
    """How a lock's trees differ from the project; None: they require the same."""
    wanted = {request.name: request for request in project.trees if not request.joinable}
    joinable = [request for request in project.trees if request.joinable]
    locked = {tree.name: tree for tree in lock.trees}
    joint = [tree for name, tree in locked.items() if joinable and name not in wanted]
    for name in sorted({*wanted, *locked} - {tree.name for tree in joint}):
        found = _tree_difference(name, wanted.get(name), locked.get(name))
        if found is not None:
            return found
    required = {text for request in joinable for text in _texts(request)}
    return _requirements_difference("its trees", required, {text for tree in joint for text in tree.requires})


class RequirementOrigins:
    """Where in pyproject.toml the requirements of locked trees are written, and the overrides that replace others."""

    def __init__(self, project: Project) -> None:
        self._origins = {
            ("" if tree.joinable else tree.name, str(declaration)): declaration.origin
            for tree in project.trees
            for declaration in tree.requirements
        }
        self._overrides = {"" if tree.joinable else tree.name: tree.overrides for tree in project.trees}

    def of(self, tree: str, requirement: str) -> Origin | None:
        """The entry that is a requirement of a tree; None if it is not known."""
        return self._origins.get((tree, requirement)) or self._origins.get(("", requirement))

    def overrides_of(self, tree: str, project: str) -> list[str]:
        """The overrides that decide the version of a project in a tree: ``click==8 (tool.mvlock.overrides[0])``."""
        found = self._overrides.get(tree, self._overrides.get("", ()))
        return [f"{one} ({one.origin})" for one in found if one.project == project]

    def group_or_extra(self, tree: str, requirement: str) -> str:
        """The list that it is in, if that is a group or an extra, where readers may not look; else ""."""
        origin = self.of(tree, requirement)
        return str(origin.array) if origin is not None and origin.is_optional else ""


def _tree_difference(name: str, wanted: TreeRequest | None, locked: LockedTree | None) -> str | None:
    """How one tree, whose name is the same in both, differs."""
    if wanted is None or locked is None:
        return f"it has a tree {name} that nothing requires" if wanted is None else f"it has no tree {name}"
    differing = _requirements_difference(f"tree {name}", set(_texts(wanted)), set(locked.requires))
    if differing is None and _conditions(wanted) != _locked_conditions(locked):
        return f"tree {name} is not for the groups, extras and environments that require it"
    return differing


def _requirements_difference(tree_text: str, required: set[str], found: set[str]) -> str | None:
    if required == found:
        return None
    has, wants = (", ".join(sorted(texts)) or "none" for texts in (found - required, required - found))
    return f"the requirements of {tree_text} are {has} there and {wants} in pyproject.toml"


def _texts(request: TreeRequest) -> list[str]:
    return [str(declaration) for declaration in request.requirements]


def _conditions(request: TreeRequest) -> tuple[object, ...]:
    wishes = tuple(LockedWish(group=wish.group, extra=wish.extra, marker=wish.marker) for wish in request.wishes)
    return tuple(sorted(request.groups)), tuple(sorted(request.extras)), request.always, request.alias, wishes


def _locked_conditions(tree: LockedTree) -> tuple[object, ...]:
    return tree.groups, tree.extras, tree.always, tree.alias, tree.wishes
