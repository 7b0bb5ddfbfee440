"""Why trees must be rebuilt although their pins are right: how and where they were made, what is damaged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from mvlock.environment.check import missing_parts, tree_problems
from mvlock.environment.link import LinkMode
from mvlock.install.findings import summary
from mvlock.install.goal import Goal
from mvlock.plan.receipt import TreeReceipt
from mvlock.store.store import Store
from mvlock.store.verify import bytecode_problems


def reasons_from_receipts(goal: Goal, receipts: Mapping[str, TreeReceipt]) -> dict[str, str]:
    """A reason for each tree whose files were placed by another link mode, or whose paths to sources are not right.

    That happens when the project has been moved, or has become a member of a workspace, with which it can be moved.
    """
    mode, root = goal.options.link_mode, str(goal.project.root)
    linked = {} if mode is LinkMode.AUTO else {name: receipt.links for name, receipt in receipts.items()}
    placed = {tree.name: receipts[tree.name] for tree in goal.wanted if tree.records_its_path and tree.name in receipts}
    return {
        **{name: f"its link mode was {links}" for name, links in linked.items() if links != mode.value},
        **{name: "paths to sources become relative" for name, receipt in placed.items() if _is_fixed(goal, receipt)},
        **{name: f"the project was in {receipt.place}" for name, receipt in placed.items() if receipt.place != root},
    }


def _is_fixed(goal: Goal, receipt: TreeReceipt) -> bool:
    """Whether a tree has absolute paths that would be relative if it were made now."""
    place = goal.places.tree(receipt.tree)
    paths = [Path(path) for item in receipt.distributions for path in item.paths]
    return any(path.is_relative_to(place.movable) for path in paths) and place.is_in_movable


def reasons_from_files(goal: Goal, receipts: Mapping[str, TreeReceipt]) -> dict[str, str]:
    """A reason for each wanted tree that is damaged; every file is read only for a repair."""
    wanted = {tree.name: receipts[tree.name] for tree in goal.wanted if tree.name in receipts}
    if goal.options.repair:
        found = all_problems(goal, wanted)
    else:
        modules, layout = goal.places.modules, goal.places.layout
        python = goal.options.interpreter.path
        found = {name: missing_parts(modules / name, receipt, layout, python) for name, receipt in wanted.items()}
    return {name: summary(problems) for name, problems in found.items() if problems}


def all_problems(goal: Goal, receipts: Mapping[str, TreeReceipt]) -> dict[str, list[str]]:
    """Everything that is wrong with trees, and with the bytecode that they have from the cache. Reads every file."""
    store = Store(goal.options.cache)

    @cache
    def compiled(wheel: str) -> list[str]:
        stored = store.find(wheel)
        return bytecode_problems(stored) if stored is not None else []

    def problems_of(name: str, receipt: TreeReceipt) -> list[str]:
        wheels = [item.wheel for item in receipt.distributions]
        shared = [f"in the cache {problem}" for wheel in wheels for problem in compiled(wheel)]
        python = goal.options.interpreter.path
        return [*tree_problems(goal.places.modules / name, receipt, goal.places.layout, python), *shared]

    return {name: problems_of(name, receipt) for name, receipt in receipts.items()}
