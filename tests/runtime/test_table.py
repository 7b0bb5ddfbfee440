"""The rules, as data: nothing is started, nothing is imported."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importshim._attribution import Attribution
from importshim._domain import Domain
from importshim._map import ImportMap
from importshim._refresh import names_by_providers
from importshim._table import ADOPTED, CALLER, DENIED, HAS, PEER, USUAL, Lookup, Table, tree_with
from tests.support.trees import with_names

_NAMES = ("lib", "other", "space.one", "space.two", "tool")
_TREES = ("a", "b", "c")


def _domain(name: str, trees: tuple[str, ...], routes: dict[str, str], peers: dict[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "trees": trees,
        "paths": [f"py_modules/{trees[0]}"],
        "distributions": [],
        "routes": routes,
        "peers": peers,
    }


@st.composite
def maps(draw: st.DrawFn) -> ImportMap:
    """Three worlds and what the first two of them share; each has some names, and some of what others have."""
    own = {tree: draw(st.sets(st.sampled_from(_NAMES))) for tree in _TREES}
    shared = draw(st.sets(st.sampled_from(_NAMES))) & own["a"] & own["b"]
    routes = {
        tree: {name: "a+b" if name in shared and tree != "c" else tree for name in sorted(own[tree])} for tree in _TREES
    }
    exposed = {
        name: draw(st.sampled_from(holders)) for name in _NAMES if (holders := [t for t in _TREES if name in own[t]])
    }
    root = {name: routes[tree][name] for name, tree in exposed.items() if draw(st.booleans())}
    peers = {tree: {name: root[name] for name in root if name not in own[tree]} for tree in _TREES}
    domains = [_domain(tree, (tree,), routes[tree], peers[tree]) for tree in _TREES]
    domains.append(_domain("a+b", ("a", "b"), dict.fromkeys(sorted(shared), "a+b"), {}))
    trees = {tree: {"domain": tree, "site": f"py_modules/{tree}"} for tree in _TREES}
    return ImportMap(with_names({"domains": domains, "trees": trees, "root": root, "aliases": {}}), "/project")


class Answers(Lookup):
    """Answers that a test gives in the place of frames and folders."""

    def __init__(
        self, calling_world: Domain | None = None, adopter: Domain | None = None, *, application_has: bool = False
    ) -> None:
        self._calling_world, self._adopter, self._application_has = calling_world, adopter, application_has

    def calling_world(self, requester: Domain) -> Domain | None:
        return self._calling_world

    def adopter(self, requester: Domain, top: str) -> Domain | None:
        return self._adopter

    def application_has(self, top: str) -> bool:
        return self._application_has


def _look(domain: Domain, keys: Mapping[str, object], name: str) -> object:
    """What code of ``domain`` finds under ``name`` in a dict of these keys."""
    get: Callable[[str], object] = keys.get
    return domain.run(get, name)


@given(maps())
def test_every_route_and_peer_is_found_as_the_map_says(import_map: ImportMap) -> None:
    table = Table(import_map)
    for entry in import_map.domains:
        for rule, names in ((HAS, entry.routes), (PEER, entry.peers)):
            for name, provider in names.items():
                for looked_up in (name, f"{name}.part"):
                    decision = table.decide(table.domains[entry.name], looked_up)
                    assert (decision.domain, decision.rule) == (table.domains[provider], rule)


@given(maps())
def test_what_is_neither_route_nor_peer_is_not_found(import_map: ImportMap) -> None:
    table = Table(import_map)
    for entry in import_map.domains:
        for name in {*_NAMES} - {*entry.routes, *entry.peers}:
            decision = table.decide(table.domains[entry.name], name)
            assert decision.domain in (None, table.root)
            assert decision.rule == (USUAL if decision.domain else DENIED)


@given(maps())
def test_the_map_has_the_names_by_their_providers(import_map: ImportMap) -> None:
    table = Table(import_map)
    assert names_by_providers(table) == (table.contested, table.sole)
    assert all((name in table.sole[name].hidden) is (name not in table.root.routes) for name in table.sole)


@given(maps())
def test_a_name_that_trees_have_is_contested_or_sole(import_map: ImportMap) -> None:
    table = Table(import_map)
    assert not table.contested & table.sole.keys()
    for entry in import_map.domains:
        for name in (*entry.routes, *entry.peers):
            assert table.is_known(name.partition(".")[0])


@given(maps())
def test_a_key_is_equal_for_code_to_which_its_domain_provides_it_and_for_no_other(import_map: ImportMap) -> None:
    table = Table(import_map)
    attribution = Attribution(table)
    domains = list(table.domains.values())
    for one in domains:
        one.builtins = dict(vars(builtins))
        attribution.add_builtins(one.builtins, one)
    for name in _NAMES:
        keys = {one.key(name): one for one in domains if one.is_contested(name)}
        for requester in domains if name.partition(".")[0] in table.contested else ():
            assert _look(requester, keys, name) is (
                provider if (provider := requester.provider_of(name)) in keys.values() else None
            )


@given(maps(), st.sampled_from(("lib", "tool", "sched")), st.sampled_from(_TREES))
def test_an_adopted_name_belongs_only_to_its_domain(import_map: ImportMap, top: str, tree: str) -> None:
    table = Table(import_map)
    domain = table.domains[tree]
    before = {one: table.decide(one, top).domain for one in (table.root, *table.domains.values())}
    table.adopt(domain, top)
    assert table.decide(domain, top).domain is domain
    for one, provider in before.items():
        if one is not domain and provider is not None and provider is not table.root:
            assert table.decide(one, top).domain is provider


def _ladder() -> tuple[Table, Domain, Domain]:
    """One name that each rule could answer: (table, requester, calling world)."""
    domains = [
        _domain("a", ("a",), {"lib": "a"}, {}),
        _domain("b", ("b",), {"lib": "b"}, {}),
        _domain("a+b", ("a", "b"), {}, {}),
        _domain("c", ("c",), {"lib": "c"}, {}),
    ]
    trees = {tree: {"domain": tree, "site": f"py_modules/{tree}"} for tree in _TREES}
    table = Table(ImportMap(with_names({"domains": domains, "trees": trees, "root": {}, "aliases": {}}), "/project"))
    return table, table.domains["a+b"], table.domains["a"]


def test_the_rules_have_one_order() -> None:
    table, requester, calling_world = _ladder()
    everything = Answers(calling_world, requester, application_has=True)

    def rule() -> int:
        return table.decide(requester, "lib", everything).rule

    requester.set_routes({"lib": table.domains["c"]})
    assert rule() == HAS
    requester.peers = frozenset({"lib"})
    assert rule() == PEER
    requester.set_routes({})
    assert rule() == CALLER
    everything = Answers(None, requester)
    assert rule() == ADOPTED
    everything = Answers()
    assert rule() == DENIED
    table.adopt(table.root, "lib")
    assert rule() == USUAL


def test_the_caller_does_not_change_what_a_world_finds() -> None:
    table, _, calling_world = _ladder()
    calling_world.set_routes({})
    assert table.decide(calling_world, "lib", Answers(table.domains["b"])).rule == DENIED


@pytest.mark.parametrize("name", ["json", "mine"])
def test_a_name_that_no_tree_has_is_imported_as_usual(name: str) -> None:
    table, requester, calling_world = _ladder()
    for one in (requester, calling_world, table.root):
        decision = table.decide(one, name, Answers(calling_world))
        assert (decision.domain, decision.rule) == (table.root, USUAL)


def test_the_application_has_its_own_module_by_a_name_that_trees_have() -> None:
    table, *_ = _ladder()
    assert table.decide(table.root, "lib", Answers()).rule == DENIED
    assert table.decide(table.root, "lib", Answers(application_has=True)).domain is table.root


def test_of_a_world_the_tree_with_the_module_is_named() -> None:
    """That of its project, which stays as long as the application requires it; else one that has its files."""
    world = _domain("attrs", ("attrs", "num_py", "pandas"), {"attr": "attrs", "num": "attrs", "dep": "attrs"}, {})
    sites = {name: f"py_modules/{name}" for name in world["trees"]}
    world["paths"] = list(sites.values())
    world["distributions"] = [
        {"name": "attrs", "version": "1", "imports": ["attr"], "site": 0},
        {"name": "num-py", "version": "1", "imports": ["num"], "site": 0},
        {"name": "dep", "version": "1", "imports": ["dep"], "site": 2},
    ]
    trees = {name: {"domain": "attrs", "site": site} for name, site in sites.items()}
    table = Table(ImportMap(with_names({"domains": [world], "trees": trees, "root": {}, "aliases": {}}), "/project"))
    domain = table.domains["attrs"]
    named = [tree_with(table, domain, name) for name in ("attr.part", "num", "dep.part", "elsewhere")]
    assert named == ["attrs", "num_py", "pandas", "attrs"]
