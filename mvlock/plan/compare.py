"""Compare what is installed with what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from mvlock.plan.model import Action, Change, Plan, TreeStep, WantedTree
from mvlock.plan.receipt import TREE_RECEIPT, TREE_RECEIPT_FORMAT, TreeReceipt


def make_plan(
    wanted: Iterable[WantedTree],
    installed: Mapping[str, TreeReceipt | None],
    python: str,
    *,
    damaged: Mapping[str, str] = MappingProxyType({}),
    remove_others: bool = True,
) -> Plan:
    """The steps from ``installed`` to ``wanted``.

    ``installed`` has every tree on disk; None: its receipt cannot be read. ``python`` identifies the
    interpreter as receipts do; ``damaged`` has a reason for each tree that must be recreated.
    Without ``remove_others`` trees that are not wanted are left alone.
    """
    wanted_by_name = {tree.name: tree for tree in wanted}
    steps = [
        _step(tree, installed.get(name), python, exists=name in installed) for name, tree in wanted_by_name.items()
    ]
    if remove_others:
        steps += [_removal(name, installed[name]) for name in installed if name not in wanted_by_name]
    steps = [_repair(step, damaged[step.tree]) if step.tree in damaged else step for step in steps]
    return Plan(tuple(sorted(steps, key=lambda step: step.tree)))


def _repair(step: TreeStep, reason: str) -> TreeStep:
    return replace(step, action=Action.REPLACE, reason=reason) if step.action is Action.KEEP else step


def _step(tree: WantedTree, receipt: TreeReceipt | None, python: str, *, exists: bool) -> TreeStep:
    if receipt is None or receipt.format != TREE_RECEIPT_FORMAT:
        added = tuple(f"{item.package.name} {item.package.version}" for item in tree.distributions)
        reason = f"its {TREE_RECEIPT} cannot be read" if exists else None
        return TreeStep(tree.name, Action.REPLACE if exists else Action.CREATE, added, reason=reason)
    step = _difference(tree, receipt)
    if step.action is Action.KEEP and receipt.python != python:
        return TreeStep(tree.name, Action.REPLACE, reason=f"was made for {receipt.python}")
    return step


def _difference(tree: WantedTree, receipt: TreeReceipt) -> TreeStep:
    old = {item.name: item for item in receipt.distributions}
    new = {item.package.name: item for item in tree.distributions}
    added = tuple(f"{name} {new[name].package.version}" for name in new if name not in old)
    removed = tuple(f"{name} {old[name].version}" for name in old if name not in new)
    changed = tuple(
        Change(name, old[name].version, item.package.version)
        for name, item in new.items()
        if name in old and old[name].identity != item.identity
    )
    action = Action.REPLACE if added or removed or changed else Action.KEEP
    return TreeStep(tree.name, action, added, changed, removed)


def _removal(name: str, receipt: TreeReceipt | None) -> TreeStep:
    distributions = receipt.distributions if receipt else ()
    return TreeStep(name, Action.REMOVE, removed=tuple(f"{item.name} {item.version}" for item in distributions))
