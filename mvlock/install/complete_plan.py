"""From the installed state to the plan and the decision, the same for an install, a dry run and ``verify``.

They differ in what they can prepare: everything, what the store has, nothing. A tree that is not prepared is taken
as it is installed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from mvlock.environment.libraries import inconsistent_trees
from mvlock.errors import LocalError
from mvlock.importmap.map_builder import InstalledTree
from mvlock.install.application import base_content
from mvlock.install.decision import Decision, arrangement_of, decide
from mvlock.install.goal import Goal
from mvlock.install.installed_tree import installed_tree
from mvlock.install.prepared import Prepare, PreparedTree
from mvlock.install.rebuild_reasons import reasons_from_receipts
from mvlock.install.receipts import Installed
from mvlock.plan.compare import make_plan
from mvlock.plan.model import Action, Plan
from mvlock.plan.receipt import TreeReceipt

CHANGES = (Action.CREATE, Action.REPLACE)


class CompletePlan(msgspec.Struct, frozen=True):
    """What will be done, from which wheels, with what result. The plan does not cover the application yet."""

    plan: Plan
    prepared: Mapping[str, PreparedTree]
    decision: Decision


def check_other_trees(goal: Goal, installed: Installed) -> None:
    """Check that all trees use the application's Python, including those that ``only`` leaves as they are.

    :raises LocalError: ``python-of-others``
    """
    wanted = {tree.name for tree in goal.wanted}
    others = {name: receipt for name, receipt in installed.readable.items() if name not in wanted}
    for name, receipt in others.items() if goal.options.only else ():
        if receipt.python != goal.python:
            raise LocalError(
                "python-of-others",
                f"other trees are for {receipt.python} ({name}), and this is {goal.python}",
                hint="install without --only: an application has one Python",
                facts={"tree": name, "python": receipt.python},
            )


def initial_plan(goal: Goal, installed: Installed, damaged: Mapping[str, str]) -> Plan:
    """The plan as far as receipts and files determine it; ``damaged``: why trees must be rebuilt."""
    reasons = {**reasons_from_receipts(goal, installed.readable), **damaged}
    others = not goal.options.only
    return make_plan(goal.wanted, installed.trees, goal.python, damaged=reasons, remove_others=others)


def complete_plan(
    goal: Goal, installed: Installed, plan: Plan, prepare: Prepare, *, removed: Iterable[str]
) -> CompletePlan:
    """Completes ``plan``: trees whose sharing has changed are rebuilt, too; trees in ``removed`` are not counted.

    :raises LocalError: ``project-invalid``, ``importshim-missing``
    """
    base = base_content(goal.project, goal.places)
    prepared = prepare(goal.trees_named(plan.of(*CHANGES)))
    trees = _final_trees(goal, installed, prepared, set(removed))
    arrangement = arrangement_of(goal, trees.values())
    inconsistent = inconsistent_trees([trees[name].receipt for name in plan.of(Action.KEEP)], arrangement.trees)
    prepared = {**prepared, **prepare(goal.trees_named(inconsistent))}
    plan = plan.with_replaced(
        {name: f"it shares {project} with other trees than before" for name, project in inconsistent.items()}
    )
    return CompletePlan(plan, prepared, decide(goal, trees, arrangement, prepared, base))


def _final_trees(
    goal: Goal, installed: Installed, prepared: Mapping[str, PreparedTree], removed: Collection[str]
) -> dict[str, InstalledTree]:
    """All trees that will be there, sorted."""
    kept = {name: receipt for name, receipt in installed.readable.items() if name not in removed}
    return _installed_trees(goal, {**kept, **{name: _expected_receipt(goal, tree) for name, tree in prepared.items()}})


def _expected_receipt(goal: Goal, tree: PreparedTree) -> TreeReceipt:
    return TreeReceipt(tree.wanted.name, goal.python, tree.distributions)


def _installed_trees(goal: Goal, receipts: Mapping[str, TreeReceipt]) -> dict[str, InstalledTree]:
    """Trees as the import map describes them, sorted; reads the folders of editable projects."""
    folder, environment = goal.places.import_map.parent, goal.options.interpreter.environment
    return {
        name: installed_tree(receipt, goal.places.tree(name), folder, environment, goal.locked.get(name))
        for name, receipt in sorted(receipts.items())
    }
