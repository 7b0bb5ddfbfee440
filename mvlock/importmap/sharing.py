"""Which worlds share a distribution at run time: those in which it is equal and all that it finds is equal.

Each world has its own instance of a distribution. Instances are divided into classes until no class has to be split
further (partition refinement): first by project and identity, then by what they would use: whatever they declare or
import that their world has, or finds with its peers. An instance that finds nothing where another finds something
does not object: if shared, it finds the same. Distributions with files in one package are judged together. Instances
that are left in one class are one module at run time.

With ``peers = false`` this is stricter: an instance that would find what its own world lacks is not shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property

import msgspec
from packaging.utils import canonicalize_name

from mvlock.base.wheel_paths import GENERIC_NAMES
from mvlock.importmap.worlds import grouping_of, worlds_of
from mvlock.lock.agreeing_trees import RuntimeSettings
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt
from mvlock.project.model import ShareMode

Instance = tuple[int, str]
"""A world's number and a project."""


class _Properties(msgspec.Struct, frozen=True):
    """The properties by which one instance is classified.

    ``always_shared``: whatever it uses. ``used``: what it finds, by the name that it looks for.
    ``package_mates``: instances with files in the same package. ``strict``: finding nothing counts, too.
    """

    identity: str
    always_shared: bool = False
    never_shared: bool = False
    strict: bool = False
    used: Mapping[Hashable, Instance] = msgspec.field(default_factory=dict)
    package_mates: tuple[Instance, ...] = ()


class Arrangement:
    """The worlds of a project's trees, and what these share. Decided once per install."""

    def __init__(self, trees: Iterable[TreeReceipt], settings_by_tree: Mapping[str, RuntimeSettings]) -> None:
        receipts = list(trees)
        grouping = grouping_of(receipts, settings_by_tree)
        self.worlds = worlds_of(receipts, settings_by_tree, grouping)
        self._receipts = {tree.tree: tree for tree in receipts}
        self._number = grouping.number
        self.agreeing = grouping.agreeing
        """For each world: the trees outside it with which it agrees; none if it has no peers."""
        self.peers = tuple(
            {project: (self._number[tree], project) for project, tree in found.items()} for found in grouping.peers
        )
        """For each world: the projects that it lacks and gets from the application, with their instances."""
        class_of = _refined_classes(
            {
                instance: properties
                for number in range(len(self.worlds))
                for instance, properties in self._properties(number)
            }
        )
        sharers: dict[int, list[int]] = defaultdict(list)
        for (number, _), class_number in sorted(class_of.items()):
            sharers[class_number].append(number)
        self._sharers = {instance: tuple(sharers[class_number]) for instance, class_number in class_of.items()}

    def number(self, tree: str) -> int:
        """The number of the world that a tree is in."""
        return self._number[tree]

    def sharers(self, number: int, project: str) -> tuple[int, ...]:
        """The numbers of the worlds that share a distribution with a world that has it, including that world."""
        return self._sharers[number, project]

    @cached_property
    def trees(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """For every distribution of every tree, by (tree, project): the trees in which it is one module, sorted."""
        trees_with: dict[tuple[int, str], list[str]] = defaultdict(list)
        for tree, receipt in sorted(self._receipts.items()):
            for item in receipt.distributions:
                trees_with[self._number[tree], item.name].append(tree)
        return {
            (tree, project): tuple(
                sorted(tree_name for other in self.sharers(number, project) for tree_name in trees_with[other, project])
            )
            for (number, project), trees in trees_with.items()
            for tree in trees
        }

    def _properties(self, number: int) -> Iterator[tuple[Instance, _Properties]]:
        world = self.worlds[number]
        visible = {**self.peers[number], **{project: (number, project) for project in world.members}}
        providers = self._providers(visible.values())
        for project, item in world.members.items():
            used = dict(_used(item, visible, providers))
            used.pop(project, None)
            yield (
                (number, project),
                _Properties(
                    item.identity,
                    always_shared=canonicalize_name(project) in world.settings.sharing.always,
                    never_shared=_is_never_shared(item, world.settings),
                    strict=not world.settings.peers,
                    used=used,
                    package_mates=tuple(
                        sorted(
                            instance
                            for instance in _package_mates(item, providers)
                            if instance[0] == number and instance[1] != project
                        )
                    ),
                ),
            )

    def _providers(self, instances: Iterable[Instance]) -> dict[str, dict[Instance, tuple[str, ...]]]:
        """By top-level name: the instances that provide it, each with its dotted namespace parts (none: a package)."""
        found: dict[str, dict[Instance, tuple[str, ...]]] = defaultdict(dict)
        for number, project in instances:
            item = self.worlds[number].members[project]
            for top in item.imports:
                found[top][number, project] = tuple(name for name in item.spaces if name.partition(".")[0] == top)
        return found


def _used(
    item: InstalledDistribution,
    visible: Mapping[str, Instance],
    providers: Mapping[str, Mapping[Instance, tuple[str, ...]]],
) -> Iterator[tuple[Hashable, Instance]]:
    for project in item.declared:
        if project in visible:
            yield project, visible[project]
    for name in item.imported:
        found = providers.get(name, {})
        yield from ((instance[1], instance) for instance in found)
        if len(found) == 1:
            yield ("module", name), next(iter(found))


def _package_mates(
    item: InstalledDistribution, providers: Mapping[str, Mapping[Instance, tuple[str, ...]]]
) -> set[Instance]:
    """Instances that provide the same as ``item``: a package of several, or a dotted name in a namespace."""
    found: set[Instance] = set()
    for top in set(item.imports) - GENERIC_NAMES:
        mine = {name for name in item.spaces if name.partition(".")[0] == top}
        regular = not all(providers[top].values())
        found |= {instance for instance, names in providers[top].items() if regular or mine.intersection(names)}
    return found


def _is_never_shared(item: InstalledDistribution, settings: RuntimeSettings) -> bool:
    """Whether settings say so, or it has start-up lines, which belong to one environment."""
    project = canonicalize_name(item.name)
    if project in settings.sharing.always:
        return False
    return settings.sharing.mode is ShareMode.NONE or project in settings.sharing.never or bool(item.startup)


def _refined_classes(properties_of: Mapping[Instance, _Properties]) -> dict[Instance, int]:
    """The coarsest classes found by refinement in which all members find the same."""
    class_of = _numbered(
        {instance: _initial_class(instance, properties) for instance, properties in properties_of.items()}
    )
    while True:
        groups: dict[Hashable, list[Instance]] = defaultdict(list)
        for instance, properties in properties_of.items():
            groups[class_of[instance], _strict_key(properties, class_of)].append(instance)
        finer = _numbered(dict(_split(groups.values(), properties_of, class_of)))
        if len(set(finer.values())) == len(set(class_of.values())):
            return class_of
        class_of = finer


def _numbered(class_of: Mapping[Instance, Hashable]) -> dict[Instance, int]:
    numbers: dict[Hashable, int] = {}
    return {instance: numbers.setdefault(class_of[instance], len(numbers)) for instance in sorted(class_of)}


def _initial_class(instance: Instance, properties: _Properties) -> Hashable:
    number, project = instance
    return (project, number) if properties.never_shared else (project, properties.identity, properties.always_shared)


def _strict_key(properties: _Properties, class_of: Mapping[Instance, int]) -> Hashable:
    """What must be equal for a strict instance: what it finds, and where it finds nothing."""
    used = properties.used.values() if properties.strict and not properties.always_shared else ()
    return properties.strict, frozenset(class_of[instance] for instance in (*used, *properties.package_mates))


def _split(
    groups: Iterable[list[Instance]], properties_of: Mapping[Instance, _Properties], class_of: Mapping[Instance, int]
) -> Iterator[tuple[Instance, Hashable]]:
    """Each instance with its class: the first of its group whose members find nothing that it finds differently."""
    for place, group in enumerate(groups):
        classes: list[dict[Hashable, int]] = []
        for instance in sorted(group, key=lambda key: (-len(properties_of[key].used), key)):
            properties = properties_of[instance]
            found = (
                {}
                if properties.always_shared
                else {name: class_of[provider] for name, provider in properties.used.items()}
            )
            fitting = (n for n, known in enumerate(classes) if all(known.get(k, c) == c for k, c in found.items()))
            number = next(fitting, len(classes))
            if number == len(classes):
                classes.append({})
            classes[number].update(found)
            yield instance, (place, number)
