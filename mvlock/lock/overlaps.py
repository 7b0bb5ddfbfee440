"""Import names that several trees have, where one environment would hold all of their content.

Trees that agree on everything are one environment at run time. What their distributions have below one name is then
combined as in one folder: parts of one import package, or a module hidden by an import package of the same name. If
two have the same module, it is ambiguous which one is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from mvlock.base.wheel_paths import modules_below
from mvlock.lock.agreeing_trees import WorldGrouping, runtime_settings_of
from mvlock.lock.model import LockedTree
from mvlock.project.model import Project


class Overlaps:
    """Overlaps of the trees of one lock.

    ``files``: by tree, the files of the wheels it requires directly; None where they are not known without a build.
    """

    def __init__(
        self, trees: Sequence[LockedTree], project: Project, files: Callable[[str], Iterable[str] | None]
    ) -> None:
        self._trees = trees
        self._project = project
        self._files = files

    def is_compatible(self, name: str, first: LockedTree, second: LockedTree) -> bool:
        """Whether what two trees have below the top-level name of ``name`` is compatible."""
        if self._worlds[first.name] != self._worlds[second.name]:
            return False
        mine, other = self._files(first.name), self._files(second.name)
        if mine is None or other is None:
            return False
        top = name.partition(".")[0]
        return modules_below(mine, top).isdisjoint(modules_below(other, top))

    @cached_property
    def _worlds(self) -> Mapping[str, int]:
        """The number of each tree's world."""
        versions = {tree.name: _versions(tree) for tree in self._trees}
        settings_by_tree = {tree.name: runtime_settings_of(tree.name, tree, self._project) for tree in self._trees}
        return WorldGrouping(versions, settings_by_tree).number


def _versions(tree: LockedTree) -> dict[str, frozenset[str]]:
    """The versions that a tree holds of each project."""
    found: dict[str, frozenset[str]] = {}
    for member in tree.packages:
        found[member.name] = found.get(member.name, frozenset()) | {member.version}
    return found
