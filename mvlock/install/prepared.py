"""Brings what will be installed into the store, and says what its wheels reveal about each tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from mvlock.environment.description import described_distribution
from mvlock.environment.libraries import TreeLibraries, tree_libraries
from mvlock.install.goal import Goal
from mvlock.install.wheel_fetcher import WheelFetcher, in_store
from mvlock.plan.model import WantedTree
from mvlock.plan.receipt import InstalledDistribution
from mvlock.progress import Reporter
from mvlock.store.bytecode import compilation
from mvlock.store.model import StoredFile
from mvlock.store.store import Store, StoredWheel


class PreparedTree(msgspec.Struct, frozen=True):
    """A tree whose wheels are all in the store, reduced to what other trees need to know.

    ``wheels``: the store's hash of each distribution, ``native_files``: its native files, both by identity.
    ``distributions``: what the receipt will say, as far as the wheels determine it.
    """

    wanted: WantedTree
    wheels: Mapping[str, str]
    distributions: tuple[InstalledDistribution, ...]
    libraries: TreeLibraries
    native_files: Mapping[str, tuple[StoredFile, ...]]


Prepare = Callable[[Iterable[WantedTree]], Mapping[str, PreparedTree]]
"""Prepared trees by name; those that cannot be prepared are left out."""


def preparation(goal: Goal, store: Store, fetcher: WheelFetcher, reporter: Reporter) -> Prepare:
    """Everything is fetched or built, and compiled.

    :raises BadArtifact: a file is not what the lock says, or cannot be built
    :raises NetworkFailure: a file cannot be fetched
    """

    def prepare(trees: Iterable[WantedTree]) -> Mapping[str, PreparedTree]:
        chosen = list(trees)
        wheels = _fetch_wheels(goal, store, fetcher, reporter, chosen) if chosen else {}
        return {tree.name: _prepared(goal, store, tree, wheels) for tree in chosen}

    return prepare


def dry_run_preparation(goal: Goal, store: Store) -> Prepare:
    """Nothing is fetched, built or compiled: only trees that are completely in the store."""

    def prepare(trees: Iterable[WantedTree]) -> Mapping[str, PreparedTree]:
        found = {}
        for tree in trees:
            wheels = {item.identity: in_store(store, item) for item in tree.distributions}
            stored = {identity: wheel.receipt.sha256 for identity, wheel in wheels.items() if wheel is not None}
            if len(stored) == len(wheels):
                found[tree.name] = _prepared(goal, store, tree, stored)
        return found

    return prepare


def prepare_nothing(trees: Iterable[WantedTree]) -> Mapping[str, PreparedTree]:
    """Prepares no tree, so what is installed now is assumed for each: for checks."""
    return {}


def _fetch_wheels(
    goal: Goal, store: Store, fetcher: WheelFetcher, reporter: Reporter, trees: Iterable[WantedTree]
) -> dict[str, str]:
    """Brings everything in ``trees`` into the store, compiled; returns the store's hash of each by its identity."""
    fetched = fetcher.fetch(item for tree in trees for item in tree.distributions)
    if goal.compiler is None:
        return {identity: wheel.receipt.sha256 for identity, wheel in fetched}
    found = {}
    with compilation(store, goal.compiler, reporter) as compiling:
        for identity, wheel in fetched:
            found[identity] = wheel.receipt.sha256
            compiling.add(wheel)
    return found


def _prepared(goal: Goal, store: Store, tree: WantedTree, wheels: Mapping[str, str]) -> PreparedTree:
    place = goal.places.tree(tree.name)
    members = [(item, store.get(wheels[item.identity])) for item in tree.distributions]
    return PreparedTree(
        wanted=tree,
        wheels={item.identity: wheels[item.identity] for item in tree.distributions},
        distributions=tuple(described_distribution(item, wheel, place) for item, wheel in members),
        libraries=tree_libraries(wheel for _, wheel in members),
        native_files={item.identity: _native_files(wheel) for item, wheel in members},
    )


def _native_files(wheel: StoredWheel) -> tuple[StoredFile, ...]:
    return tuple(file for file in wheel.receipt.files if file.native)
