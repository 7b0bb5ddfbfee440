"""Which trees share a distribution at run time: those in which it is equal and finds the same.

Two trees hold one instance of a distribution each. Instances are told apart until nothing more can be said against
the rest (partition refinement): at first by project and identity, then by what they would use: whatever they declare
or import that their tree has. What is in one top-level name, as in a namespace package, is judged together. Instances
that are left in one class are one module at run time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from mvlock.lock.import_names import STRAY
from mvlock.plan import InstalledDistribution, TreeReceipt
from mvlock.project.model import ShareMode, Sharing

_Instance = tuple[str, str]
"""Tree and project."""


@dataclass(frozen=True, slots=True)
class _View:
    """What one instance is judged by. ``forced``: its users are not its concern. ``apart``: it is never shared."""

    identity: str
    forced: bool = False
    apart: bool = False
    used: tuple[_Instance, ...] = ()
    mates: tuple[_Instance, ...] = ()


def sharing_trees(trees: Iterable[TreeReceipt], settings: Mapping[str, Sharing]) -> dict[_Instance, tuple[str, ...]]:
    """For every distribution of every tree, by (tree, project): the trees that share it, sorted; at least its own."""
    views = {instance: view for tree in trees for instance, view in _views(tree, settings.get(tree.tree, Sharing()))}
    colours = _refined(views)
    found: dict[int, list[str]] = defaultdict(list)
    for tree, project in sorted(views):
        found[colours[tree, project]].append(tree)
    return {instance: tuple(found[colours[instance]]) for instance in views}


def _refined(views: Mapping[_Instance, _View]) -> dict[_Instance, int]:
    """The coarsest classes whose members see members of the same classes."""
    colours = _numbered({instance: _first_colour(instance, view) for instance, view in views.items()})
    while True:
        seen = {instance: (colours[instance], _surroundings(view, colours)) for instance, view in views.items()}
        finer = _numbered(seen)
        if len(set(finer.values())) == len(set(colours.values())):
            return colours
        colours = finer


def _numbered(colours: Mapping[_Instance, Hashable]) -> dict[_Instance, int]:
    numbers: dict[Hashable, int] = {}
    return {instance: numbers.setdefault(colour, len(numbers)) for instance, colour in colours.items()}


def _first_colour(instance: _Instance, view: _View) -> Hashable:
    tree, project = instance
    return (project, tree) if view.apart else (project, view.identity, view.forced)


def _surroundings(view: _View, colours: Mapping[_Instance, int]) -> Hashable:
    used = () if view.forced else view.used
    return frozenset(colours[one] for one in (*used, *view.mates))


def _views(tree: TreeReceipt, sharing: Sharing) -> Iterator[tuple[_Instance, _View]]:
    providers: dict[str, list[str]] = defaultdict(list)
    for item in tree.distributions:
        for name in item.imports:
            providers[name].append(item.name)
    there = {item.name for item in tree.distributions}
    for item in tree.distributions:
        used = there.intersection(item.declared).union(*(providers.get(name, ()) for name in item.imported))
        mates = {mate for name in item.imports if name not in STRAY for mate in providers[name]}
        yield (
            (tree.tree, item.name),
            _View(
                item.identity,
                forced=canonicalize_name(item.name) in sharing.always,
                apart=_is_apart(item, sharing),
                used=tuple((tree.tree, project) for project in sorted(used - {item.name})),
                mates=tuple((tree.tree, project) for project in sorted(mates - {item.name})),
            ),
        )


def _is_apart(item: InstalledDistribution, sharing: Sharing) -> bool:
    """Whether settings say so, or it has lines for the start of Python, which concern one environment."""
    project = canonicalize_name(item.name)
    if project in sharing.always:
        return False
    return sharing.mode is ShareMode.NONE or project in sharing.never or bool(item.startup)
