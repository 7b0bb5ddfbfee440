"""What would solve a conflict; hints are made only here, and each has been tried before it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.project.declaration import Origin
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.fact import ConstraintFact, NeedsFact, Proof, RootRequirement
from mvlock.resolver.need import Need, need
from mvlock.resolver.release import bits
from mvlock.resolver.solve_input import SolveInput, TreeRequirements

Solved = Callable[[SolveInput], Mapping[str, Version] | None]
"""The versions of a solve's result by project, or None if there is none."""

_MAX_REMEDIES = 4


class Remedy(msgspec.Struct, frozen=True):
    """One remedy: its kind (``split``, ``constraint``, ``limit``, ``range``, ``override``) and what to do."""

    kind: str
    text: str


def remedies(proof: Proof, solve_input: SolveInput, catalogue: Catalogue, solved: Solved) -> tuple[Remedy, ...]:
    """A few remedies for a conflict, the mildest first."""
    search = _Search(proof, solve_input, catalogue, solved)
    found: dict[str, Remedy] = {}
    for remedy in search.all():
        found.setdefault(remedy.text if remedy.kind == "range" else remedy.kind, remedy)
        if len(found) == _MAX_REMEDIES:
            break
    return tuple(found.values())


class _Search(msgspec.Struct, frozen=True):
    proof: Proof
    solve_input: SolveInput
    catalogue: Catalogue
    solved: Solved

    def all(self) -> Iterator[Remedy]:
        yield from self._splits()
        yield from self._unbound()
        yield from self._without_limit()
        yield from self._ranges()
        yield from self._overrides()

    def _splits(self) -> Iterator[Remedy]:
        """Separate trees help only if each part has a resolution by itself."""
        roots = [fact.need for fact in self.proof.facts if isinstance(fact, RootRequirement)]
        names = list(dict.fromkeys(need.name for need in roots))
        for name in sorted(names, reverse=True) if len(names) > 1 else []:
            apart = tuple(need for need in self._requirements.needs if need.name == name)
            rest = tuple(need for need in self._requirements.needs if need.name != name)
            if self._works(replace(self._requirements, needs=apart)) and self._works(
                replace(self._requirements, needs=rest)
            ):
                others = " and ".join(sorted(other for other in names if other != name))
                yield Remedy("split", f"put {others} and {name} into separate trees")

    def _unbound(self) -> Iterator[Remedy]:
        for fact in self.proof.facts:
            if isinstance(fact, ConstraintFact):
                kept = tuple(
                    constraint
                    for constraint in self._requirements.constraints[fact.need.name]
                    if constraint is not fact.need
                )
                found = self.solved(
                    self._changed_input(constraints={**self._requirements.constraints, fact.need.name: kept})
                )
                if found is not None and fact.need.name in found:
                    yield Remedy("constraint", _loosened(fact.need, found[fact.need.name]))

    def _without_limit(self) -> Iterator[Remedy]:
        """The tree without its limit of upload times; without a tree's name no such limit is found."""
        is_limited = self._requirements.tree in self.catalogue.rules.newest_in
        if is_limited and self._works(replace(self._requirements, tree="")):
            yield Remedy("limit", f"set a later exclude-newer of tree {self._requirements.tree}")

    def _ranges(self) -> Iterator[Remedy]:
        """Another version of something that pyproject.toml limits."""
        for fact in sorted(self.proof.facts, key=lambda fact: fact.sentence):
            if isinstance(fact, RootRequirement) and fact.need.text:
                bare = _with(fact.need, "")
                needs = tuple(bare if need is fact.need else need for need in self._requirements.needs)
                found = self.solved(self._changed_input(needs=needs))
                if found is not None and fact.need.name in found:
                    version = found[fact.need.name]
                    yield Remedy(
                        "range", f"require another {fact.need.name}: {version} would work ({fact.need.origin})"
                    )

    def _overrides(self) -> Iterator[Remedy]:
        """An override of a project with requirements that exclude each other."""
        for name in self._projects_in_conflict():
            for version in self._candidates(name):
                chosen = _with(need(Requirement(name), Origin(("tool", "mvlock", "overrides"))), f"=={version}")
                if self._works_everywhere(
                    replace(self._requirements, overrides={**self._requirements.overrides, name: (chosen,)})
                ):
                    yield Remedy("override", f'set overrides = ["{name}=={version}"] if that version is known to work')
                    break

    def _projects_in_conflict(self) -> list[NormalizedName]:
        wants: dict[NormalizedName, set[str]] = {}
        for fact in self.proof.facts:
            if isinstance(fact, (RootRequirement, ConstraintFact, NeedsFact)):
                wants.setdefault(fact.need.name, set()).add(fact.need.text)
        from_others = {fact.need.name for fact in self.proof.facts if isinstance(fact, NeedsFact)}
        return [name for name, texts in wants.items() if len(texts) > 1 and name in from_others]

    def _candidates(self, name: NormalizedName) -> list[Version]:
        """The newest version that each side allows."""
        table = self.catalogue.table(name)
        found: dict[Version, None] = {}
        for fact in self.proof.facts:
            if isinstance(fact, (RootRequirement, ConstraintFact, NeedsFact)) and fact.need.name == name:
                mask = table.matching(fact.need.specifier, fact.need.text)
                number = next(bits(mask & ~table.prereleases or mask), None)
                if number is not None:
                    found[table.versions[number]] = None
        return sorted(found, reverse=True)

    def _works(self, requirements: TreeRequirements) -> bool:
        return self.solved(replace(self.solve_input, requirements=requirements)) is not None

    def _works_everywhere(self, requirements: TreeRequirements) -> bool:
        """On every target: a version may be for some Pythons alone."""
        targets = dict.fromkeys([self.solve_input.target, *self.catalogue.matrix.representatives])
        return all(
            self.solved(replace(self.solve_input, requirements=requirements, target=target)) is not None
            for target in targets
        )

    def _changed_input(self, **changes: object) -> SolveInput:
        return replace(self.solve_input, requirements=replace(self._requirements, **changes))

    @property
    def _requirements(self) -> TreeRequirements:
        return self.solve_input.requirements


def _loosened(bound: Need, version: Version) -> str:
    if bound.origin is not None and bound.origin.reason:
        return f"remove {bound.name} from {bound.origin.array}, and this tree can have {bound.name} {version}"
    return f'loosen "{bound}" ({bound.origin}) to allow {bound.name} {version}'


def _with(need: Need, specifier: str) -> Need:
    """The need with another range."""
    return replace(need, specifier=SpecifierSet(specifier), text=specifier)
