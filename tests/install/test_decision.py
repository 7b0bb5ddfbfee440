"""An install does what was decided, and what is installed leads to the same decision."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from mvlock.importmap.file import map_text
from mvlock.install.application import application_receipt
from mvlock.install.complete_plan import CompletePlan, complete_plan, initial_plan
from mvlock.install.goal import Goal
from mvlock.install.options import InstallOptions
from mvlock.install.prepared import Prepare, dry_run_preparation, prepare_nothing
from mvlock.install.receipts import read_installed
from mvlock.lock.model import Lock
from mvlock.plan.model import Action
from mvlock.plan.receipt import TreeReceipt
from mvlock.store.store import Store
from tests.install.test_libraries import KEEPS, publish, returning
from tests.install.world import World

TREES = {"x": ["a 1.0", "p 1.0"], "y": ["a 1.0", "p 1.0"], "z": ["a 2.0", "p 1.0"]}


@pytest.fixture
def published(world: World, tmp_path: Path) -> World:
    """Two versions of a library with native files, a library and a command that are all Python."""
    publish(world, tmp_path / "one", "1.0", KEEPS)
    publish(world, tmp_path / "two", "2.0", returning(2))
    return world.publish("p", requires=["a"]).publish("c", files={"c.py": ""}, scripts={"go": "c:main"})


def goal_of(world: World, lock: Lock) -> Goal:
    """What an install with the usual options is to reach."""
    return Goal.of(world.project, lock, InstallOptions(world.interpreter, world.folder.cache), {})


def complete_plan_of(goal: Goal, prepare: Prepare) -> CompletePlan:
    """What an install would do now."""
    installed = read_installed(goal.places)
    plan = initial_plan(goal, installed, {})
    return complete_plan(goal, installed, plan, prepare, removed=plan.of(Action.REMOVE))


def before_files(receipts: Mapping[str, TreeReceipt]) -> dict[str, TreeReceipt]:
    """Receipts without what is not known before the files exist."""
    return {
        name: msgspec.structs.replace(
            receipt,
            distributions=tuple(
                msgspec.structs.replace(item, record="", executables=()) for item in receipt.distributions
            ),
        )
        for name, receipt in receipts.items()
    }


@pytest.mark.parametrize("share", ["identical", "none"])
def test_what_is_decided_is_what_is_made(published: World, share: str) -> None:
    published.folder.write(tool=f'share = "{share}"')
    lock = published.lock(TREES)
    published.install(lock)
    for folder in ("py_modules", "app"):
        shutil.rmtree(published.root / folder)
    goal = goal_of(published, lock)
    decided = complete_plan_of(goal, dry_run_preparation(goal, Store(goal.options.cache))).decision
    published.install(lock)
    installed = read_installed(goal.places)
    assert before_files(installed.readable) == decided.receipts
    assert goal.places.import_map.read_text("utf-8") == map_text(decided.import_map)
    assert installed.app == application_receipt(decided.app, goal.python)


@pytest.mark.parametrize("share", ["identical", "none"])
def test_what_is_installed_leads_to_the_decision_that_made_it(published: World, share: str) -> None:
    published.folder.write(tool=f'share = "{share}"')
    for trees in ({"y": TREES["y"]}, TREES, {name: TREES[name] for name in "xz"}):
        lock = published.lock(trees)
        published.install(lock)
        goal = goal_of(published, lock)
        end = complete_plan_of(goal, prepare_nothing)
        assert end.plan.is_empty
        assert goal.places.import_map.read_text("utf-8") == map_text(end.decision.import_map)
        assert read_installed(goal.places).readable == end.decision.receipts


def test_a_dry_run_prints_what_the_run_does_if_the_cache_has_everything(published: World) -> None:
    everything = {**TREES, "c": ["c 1.0"]}
    published.install(everything)
    states = [
        (TREES, "identical"),
        (everything, "identical"),
        ({"x": TREES["x"], "y": TREES["z"]}, "identical"),
        (TREES, "none"),
        (everything, "identical"),
    ]
    for trees, share in states:
        published.folder.write(tool=f'share = "{share}"')
        foretold = published.install(trees, dry_run=True).plan
        assert foretold == published.install(trees).plan
        assert not foretold.is_empty


def test_a_dry_run_prints_with_v_how_trees_share(published: World) -> None:
    trees = {name: [*members, "c 1.0"] for name, members in TREES.items()}
    published.install(trees)
    shutil.rmtree(published.root / "py_modules")
    published.install(trees, dry_run=True)
    output = published.reporter.details
    assert "one environment: x, y" in output
    assert "shared by x, y, z: c 1.0" in output
    assert any(line.startswith("z: libshared.so.1 is ") for line in output)
