"""Facts of pyproject.toml, indexes and metadata as incompatibilities: PubGrub calls these external."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packaging.utils import NormalizedName

from mvlock.resolver.catalogue import Catalogue, Unusable
from mvlock.resolver.fact import ConstraintFact, Fact, NeedsFact, RootRequirement, SameVersion, UnusableReleases
from mvlock.resolver.incompatibility import Incompatibility
from mvlock.resolver.need import Key, Need
from mvlock.resolver.release import ReleaseTable, bits
from mvlock.resolver.release_evaluator import ReleaseEvaluator
from mvlock.resolver.solve_input import SolveInput


class ExternalIncompatibilities:
    """The external incompatibilities of one solve, each yielded once."""

    def __init__(self, catalogue: Catalogue, solve_input: SolveInput) -> None:
        self._catalogue = catalogue
        self._solve_input = solve_input
        self._evaluator = ReleaseEvaluator(catalogue, solve_input, self._includes_target)
        self._all_states: dict[Key, int] = {}
        self._yielded: set[tuple[Key, int]] = set()
        self._needing: dict[Key, dict[str, int]] = {}

    def table(self, key: Key) -> ReleaseTable:
        """The releases of which a key can be one."""
        return self._catalogue.table(NormalizedName(key[0]))

    def all_states(self, key: Key) -> int:
        """Every state of a key: its releases, and its absence."""
        known = self._all_states.get(key)
        if known is None:
            known = self._all_states[key] = self.table(key).all << 1 | 1
        return known

    def absence(self, key: Key) -> int:
        """The state in which a key is absent."""
        return self.all_states(key) + 1 >> 1

    def incompatibility(
        self, terms: Mapping[Key, int], fact: Fact | None = None, parents: tuple[Incompatibility, ...] = ()
    ) -> Incompatibility:
        """An incompatibility without the keys of which it has every state."""
        kept = {key: term for key, term in terms.items() if term != self.all_states(key)}
        return Incompatibility(kept, fact, parents)

    def of_project(self) -> Iterator[Incompatibility]:
        """The requirements of pyproject.toml."""
        for need in self._solve_input.requirements.needs:
            if self._includes_target(self._catalogue.where(need.marker)):
                for required in self._evaluator.overridden(need):
                    fact = RootRequirement(need) if required is need else RootRequirement(required)
                    for key in required.keys:
                        yield self.incompatibility({key: self.all_states(key) & ~self._met(key, required)}, fact)

    def of_key(self, key: Key) -> Iterator[Incompatibility]:
        """The releases of a project that cannot be used at all, and those that constraints exclude."""
        table = self.table(key)
        for fact, numbers in self._evaluator.unusable(table):
            yield Incompatibility({key: numbers}, fact)
        for constraint in self._solve_input.requirements.constraints.get(key[0], ()):
            if self._includes_target(self._catalogue.where(constraint.marker)):
                forbidden = table.all & ~table.matching(constraint.specifier, constraint.text)
                if forbidden:
                    yield Incompatibility({key: forbidden}, ConstraintFact(constraint))

    def of_release(self, key: Key, number: int) -> Iterator[Incompatibility]:
        """What a release needs, joined with all releases that are known to need the same."""
        if (key, number) in self._yielded:
            return
        self._yielded.add((key, number))
        table = self.table(key)
        rejection = self._evaluator.rejection(table, number)
        if rejection is not None:
            code, text = rejection
            yield Incompatibility({key: 1 << number}, UnusableReleases(code, key[0], (table.versions[number],), text))
            return
        if key[1]:
            others = self.all_states(key) & ~(1 << number)
            same = SameVersion(*key, table.versions[number])
            yield self.incompatibility({key: 1 << number, (key[0], ""): others}, same)
        for need in self._needs(key, number):
            yield from self._of_need(key, number, need)

    def unmet(self, need: Need) -> UnusableReleases | None:
        """Why no release is in the range of a need."""
        return self._evaluator.unmet(need)

    def _of_need(self, key: Key, number: int, need: Need) -> Iterator[Incompatibility]:
        table = self.table(key)
        if self._evaluator.is_undeclared(need):
            text = f"needs {need.requirement}, a direct reference"
            yield Incompatibility(
                {key: 1 << number}, UnusableReleases("direct-reference", key[0], (table.versions[number],), text)
            )
            return
        same_need = self._releases_with_same_need(key, number, need)
        versions = tuple(table.versions[n] for n in bits(same_need))
        fact = NeedsFact(*key, versions, need, len(table.versions))
        for wanted in need.keys:
            unmet = self.all_states(wanted) & ~self._met(wanted, need)
            if wanted != key:
                yield self.incompatibility({key: same_need, wanted: unmet}, fact)
            elif same_need & unmet:
                yield self.incompatibility({key: same_need & unmet}, fact)

    def _releases_with_same_need(self, key: Key, number: int, need: Need) -> int:
        """The releases that need the same, among those read before the key first came up or tried since."""
        found = self._needing.get(key)
        if found is None:
            found = self._needing[key] = {}
            for other in bits(self.table(key).all):
                if self._has_read(key, other):
                    self._note_needs(key, other)
        self._note_needs(key, number)
        return found[str(need)]

    def _has_read(self, key: Key, number: int) -> bool:
        release = self.table(key).release(number)
        return not release.exclusion and self._catalogue.has_read(release)

    def _note_needs(self, key: Key, number: int) -> None:
        found = self._needing[key]
        for need in self._needs(key, number):
            found[str(need)] = found.get(str(need), 0) | 1 << number

    def _needs(self, key: Key, number: int) -> Iterator[Need]:
        release = self.table(key).release(number)
        if isinstance(self._catalogue.metadata(release), Unusable):
            return
        for dependency in self._catalogue.dependencies(release, key[1]):
            if self._includes_target(dependency.target_bits):
                yield from self._evaluator.overridden(dependency.need)

    def _includes_target(self, target_bits: int) -> bool:
        return bool(target_bits >> self._solve_input.target & 1)

    def _met(self, key: Key, need: Need) -> int:
        """The states in which a need is met."""
        return self.table(key).matching(need.specifier, need.text)
