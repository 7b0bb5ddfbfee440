"""Small random projects, installed and imported: what every module imports.

Where trees differ, the versions that its own tree has; where they agree, what it would meet in one environment.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from mvlock.lock.model import Lock
from tests.install.world import World

_MODULE = """
import importlib
version = {version!r}
seen = {{}}
{imports}
for name in {optional!r}:
    try:
        exec(f"import {{name}} as found")
        seen[name] = found.version
    except ImportError:
        seen[name] = None
def late():
    {late}
    return seen_late
def ask(name):
    try:
        return importlib.import_module(name).version
    except ImportError:
        return None
"""
_TREE = """
import importlib
def look(names):
    modules = {name: importlib.import_module(name) for name in names}
    return {
        name: {
            "version": module.version,
            "seen": module.seen,
            "late": module.late(),
            "asked": {other: module.ask(other) for other in names},
        }
        for name, module in modules.items()
    }
"""


@dataclass(frozen=True)
class RandomWorld:
    """Projects p0 … p5 in two versions, of which p4 and p5 are in one namespace; trees t0 … t2."""

    random: Random
    odd: float = 0.2
    """How many of the releases of a tree are of another version than elsewhere."""

    def publish(self, world: World) -> dict[tuple[str, str], tuple[str, ...]]:
        """Publish all releases; what each cannot do without."""
        needs: dict[tuple[str, str], tuple[str, ...]] = {}
        for project in _PROJECTS:
            for version in ("1.0", "2.0"):
                others = [other for other in _PROJECTS if other != project]
                hard = tuple(sorted(self.random.sample(others, self.random.choice((0, 0, 1, 2)))))
                optional = [one for one in others if one not in hard and self.random.random() < 0.25]
                needs[project, version] = hard
                world.publish(
                    project,
                    version,
                    requires=hard,
                    extras={"more": optional},
                    files={_file(project): _source(version, hard, optional)},
                )
        return needs

    def trees(self, needs: dict[tuple[str, str], tuple[str, ...]]) -> dict[str, list[str]]:
        """Closed sets of releases, each with a module of the tree's own."""
        common = {project: self.random.choice(("1.0", "2.0")) for project in _PROJECTS}
        found = {}
        for tree in _TREES:
            other = {project for project in _PROJECTS if self.random.random() < self.odd}
            versions = {one: _OTHER[version] if one in other else version for one, version in common.items()}
            members = set(self.random.sample(_PROJECTS, 3))
            while more := {need for one in members for need in needs[one, versions[one]]} - members:
                members |= more
            found[tree] = [f"look-{tree} 1.0", "leaf 1.0", *(f"{one} {versions[one]}" for one in sorted(members))]
        return found

    def setting(self) -> str:
        """A value of ``share`` that shares something."""
        return self.random.choice(('"identical"', '"identical"', '{ never = ["p1"] }'))


_PROJECTS = ["p0", "p1", "p2", "p3", "p4", "p5"]
_TREES = ["t0", "t1", "t2"]
_SPACE = {"p4", "p5"}
_OTHER = {"1.0": "2.0", "2.0": "1.0"}


def _name(project: str) -> str:
    return f"space.{project}" if project in _SPACE else project


def _file(project: str) -> str:
    return _name(project).replace(".", "/") + ".py"


def _source(version: str, hard: tuple[str, ...], optional: list[str]) -> str:
    names = [_name(project) for project in hard]
    imports = "\n".join(f"import {name} as found; seen[{name!r}] = found.version" for name in names)
    late = "; ".join(["seen_late = {}", *(f"import {name} as f; seen_late[{name!r}] = f.version" for name in names)])
    return _MODULE.format(version=version, imports=imports, optional=[_name(one) for one in optional], late=late)


def _published(world: World, made: RandomWorld) -> dict[str, list[str]]:
    """The trees of a random world, of which all is published."""
    needs = made.publish(world)
    world.publish("leaf", files={"leaf.py": _source("1.0", (), [])})
    for tree in (*_TREES, "one"):
        world.publish(f"look-{tree}", files={f"look_{tree}.py": _TREE})
    return made.trees(needs)


@pytest.mark.parametrize("seed", range(12))
def test_sharing_changes_no_version_that_a_module_imports(world: World, seed: int) -> None:
    made = RandomWorld(Random(seed))
    trees = _published(world, made)
    lock = world.lock(trees)
    apart, _ = _seen(world, lock, _names(trees), "peers = false")
    for tree, members in trees.items():
        met = {name.removeprefix("space."): one["version"] for name, one in apart[tree].items()}
        assert met == dict(member.split(" ") for member in members[1:])
    shared, domains = _seen(world, lock, _names(trees), f"share = {made.setting()}")
    assert {tree: _of_the_tree(found) for tree, found in shared.items()} == apart
    assert ["t0", "t1", "t2"] in domains  # of the leaf


def _of_the_tree(found: dict[str, Any]) -> dict[str, Any]:
    """What modules of a tree import from it; what it lacks they may get from others."""
    return {
        name: {**one, "seen": {other: version if other in found else None for other, version in one["seen"].items()}}
        for name, one in found.items()
    }


@pytest.mark.parametrize("seed", range(20))
def test_without_conflicts_every_module_imports_what_it_would_in_one_environment(world: World, seed: int) -> None:
    trees = _published(world, RandomWorld(Random(seed), odd=0))
    everything = sorted({member for members in trees.values() for member in members[1:]})
    names = [_name(member.split(" ")[0]) for member in everything]
    together = {"one": ["look-one 1.0", *everything]}
    expected, _ = _seen(world, world.lock(together), {"one": names})
    found, _ = _seen(world, world.lock(trees), dict.fromkeys(trees, names))
    assert found == dict.fromkeys(trees, expected["one"])


def _names(trees: dict[str, list[str]]) -> dict[str, list[str]]:
    return {tree: [_name(member.split(" ")[0]) for member in members[1:]] for tree, members in trees.items()}


def _seen(
    world: World, lock: Lock, names: dict[str, list[str]], setting: str = ""
) -> tuple[dict[str, dict[str, Any]], list[list[str]]]:
    """What the modules ``names`` meet, as each tree imports them, and the trees of each domain."""
    world.folder.write(tool=setting)
    world.install(lock, compile=False)
    program = f"""
import importlib, json
print(json.dumps({{t: importlib.import_module("look_" + t).look(names) for t, names in {names!r}.items()}}))
"""
    found = world.python("app", program)
    (place,) = world.root.glob("app/lib/*/site-packages/importshim/import_map.json")
    return json.loads(found), [domain["trees"] for domain in json.loads(place.read_text())["domains"]]


def test_an_unknown_name_in_share_is_reported(world: World) -> None:
    world.publish("numpy").folder.write(tool='share = { never = ["nunpy", "protobuf", "NumPy"] }')
    world.install({"a": ["numpy 1.0"]})
    assert world.reporter.notes == [
        "tool.mvlock.share: no tree has nunpy; did you mean 'numpy'?",
        "tool.mvlock.share: no tree has protobuf",
    ]


def test_another_setting_makes_another_map_and_the_same_trees(world: World) -> None:
    world.publish("n").publish("a", requires=["n"]).publish("b", requires=["n"])
    trees = {"a": ["a 1.0", "n 1.0"], "b": ["b 1.0", "n 1.0"]}
    program = "import importshim; print(*importshim.whose(importshim.tree('b').import_module('n')).trees)"
    world.install(trees)
    before = (world.tree("a").stat().st_ino, world.tree("b").stat().st_ino)
    assert world.python("app", program) == "a b"
    for share, expected in (("none", "b"), ("identical", "a b")):
        world.folder.write(tool=f'share = "{share}"')
        report = world.install(trees)
        assert report.changed
        assert world.python("app", program) == expected
        assert before == (world.tree("a").stat().st_ino, world.tree("b").stat().st_ino)
