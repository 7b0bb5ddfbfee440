"""A proof as text for users: the facts in an order that can be followed, obvious ones left out, similar ones joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from msgspec.structs import replace
from packaging.version import Version

from mvlock.resolver.fact import (
    ConstraintFact,
    Fact,
    NeedsFact,
    Proof,
    RootRequirement,
    SameVersion,
    UnusableReleases,
    listed,
    named,
)

_MAX_IN_LINE = 3
_OLDER_SHOWN = 3


def sentences(proof: Proof) -> list[str]:
    """One clause per fact worth reporting; those that cannot be satisfied come last."""
    facts = [_relevant_part(fact, proof) for fact in ordered(proof) if not _is_obvious(fact, proof.facts)]
    return list(dict.fromkeys(_joined(facts)))


def ordered(proof: Proof) -> list[Fact]:
    """The facts worth reporting, from pyproject.toml down to those that cannot be satisfied."""
    levels = _levels(proof.facts)
    facts: list[Fact] = [fact for fact in proof.facts if not isinstance(fact, SameVersion)]
    return sorted(facts, key=lambda fact: (*_sort_key(fact, levels), fact.sentence))


def argument(clauses: Sequence[str]) -> str:
    """Clauses as one sentence, or a list if there are many."""
    if len(clauses) > _MAX_IN_LINE:
        return "these cannot all be met:" + "".join(f"\n  {clause}" for clause in clauses)
    return "; ".join(clauses[:-1]) + ", but " + clauses[-1] if len(clauses) > 1 else "".join(clauses)


def is_dead_end(proof: Proof) -> bool:
    """Whether no facts contradict each other: something needed is not available."""
    wants: dict[str, set[str]] = {}
    for fact in proof.facts:
        if isinstance(fact, (RootRequirement, ConstraintFact, NeedsFact)) and fact.need.text:
            wants.setdefault(fact.need.name, set()).add(fact.need.text)
    return any(isinstance(fact, UnusableReleases) for fact in proof.facts) and all(
        len(texts) == 1 for texts in wants.values()
    )


def _levels(facts: Iterable[Fact]) -> dict[str, int]:
    """The distance of each project from pyproject.toml."""
    levels = {str(fact.need.name): 0 for fact in facts if isinstance(fact, RootRequirement)}
    links = [(fact.project, str(fact.need.name)) for fact in facts if isinstance(fact, NeedsFact)]
    level = 0
    while new := {child for parent, child in links if levels.get(parent) == level and child not in levels}:
        level += 1
        levels.update(dict.fromkeys(new, level))
    return levels


def _sort_key(fact: Fact, levels: Mapping[str, int]) -> tuple[int, int]:
    """Needs come before the limits of what they lead to."""
    if isinstance(fact, RootRequirement):
        return 0, 0
    if isinstance(fact, (NeedsFact, SameVersion)):
        return levels.get(fact.project, 0) + 1, 1
    name = fact.need.name if isinstance(fact, ConstraintFact) else fact.project
    return levels.get(name, 0) + 1, 0 if levels.get(name) else 2


def _is_obvious(fact: Fact, facts: Iterable[Fact]) -> bool:
    """Whether it is a bare requirement on a project about which another fact is reported."""
    if not isinstance(fact, RootRequirement) or fact.need.text:
        return False
    others = (other for other in facts if isinstance(other, (NeedsFact, UnusableReleases)))
    return any(other.project == fact.need.name and not _is_missing(other) for other in others)


def _relevant_part(fact: Fact, proof: Proof) -> Fact:
    """The fact without unusable versions that no requirement allows."""
    if not isinstance(fact, UnusableReleases):
        return fact
    needs = [
        fact_with_need.need
        for fact_with_need in proof.facts
        if isinstance(fact_with_need, (RootRequirement, ConstraintFact, NeedsFact))
    ]
    ranges = [need.specifier for need in needs if need.name == fact.project]
    wanted = tuple(
        version
        for version in fact.versions
        if all(specifier.contains(version, prereleases=True) for specifier in ranges)
    )
    return replace(fact, versions=wanted or fact.versions)


def _is_missing(fact: Fact) -> bool:
    return isinstance(fact, UnusableReleases) and not fact.versions


def _joined(facts: list[Fact]) -> Iterator[str]:
    """Facts about one dependency of one project are one clause."""
    for _, group in groupby(facts, key=_subject):
        group_facts = list(group)
        needs = [fact for fact in group_facts if isinstance(fact, NeedsFact)]
        unusable = [fact for fact in group_facts if isinstance(fact, UnusableReleases)]
        if len(needs) > 1:
            yield _joined_needs(needs)
        elif len(unusable) > 1 and unusable[0].versions:
            yield from _joined_unusable(unusable)
        else:
            yield from (fact.sentence for fact in group_facts)


def _subject(fact: Fact) -> tuple[str, ...]:
    if isinstance(fact, NeedsFact):
        return "needs", fact.project, fact.extra, fact.need.name
    if isinstance(fact, UnusableReleases) and fact.versions:
        return "unfit", fact.project, fact.code
    return "one", fact.sentence


def _joined_needs(needs: list[NeedsFact]) -> str:
    """``flask 2.0 to 3.1 need click>=8.1.3 or, in older ones, click>=8.0``."""
    newest_first = sorted(needs, key=lambda fact: max(fact.versions), reverse=True)
    versions = sorted({version for fact in needs for version in fact.versions}, reverse=True)
    first = newest_first[0]
    older = list(dict.fromkeys(str(fact.need) for fact in newest_first if str(fact.need) != str(first.need)))
    more = ", …" if len(older) > _OLDER_SHOWN else ""
    rest = f" or, in older ones, {', '.join(older[:_OLDER_SHOWN])}{more}" if older else ""
    verb = "needs" if len(versions) == 1 else "need"
    return f"{named(first.project, first.extra)} {listed(versions)} {verb} {first.need}{rest}"


def _joined_unusable(unusable: list[UnusableReleases]) -> Iterator[str]:
    """One clause per reason, those of the newest versions first; if there are many, the last ones together."""
    reasons: dict[str, set[Version]] = {}
    for fact in unusable:
        reasons.setdefault(fact.text, set()).update(fact.versions)
    shown = [replace(unusable[0], text=text, versions=tuple(sorted(v, reverse=True))) for text, v in reasons.items()]
    shown.sort(key=lambda fact: fact.versions[0], reverse=True)
    yield from (fact.sentence for fact in shown[:_MAX_IN_LINE])
    rest = sorted((version for fact in shown[_MAX_IN_LINE:] for version in fact.versions), reverse=True)
    if rest:
        yield f"{unusable[0].project} {listed(rest)} for similar reasons"
