"""In which order the releases of a project are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from mvlock.project.model import Prereleases
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.release import ReleaseTable, bits
from mvlock.resolver.release_evaluator import ReleaseEvaluator
from mvlock.resolver.requirement import Candidate
from mvlock.resolver.solve_input import SolveInput


class Candidates:
    """The candidates of one solve.

    ``includes_target`` says whether a set of targets includes that of the solve, and records the answer.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        solve_input: SolveInput,
        evaluator: ReleaseEvaluator,
        includes_target: Callable[[int], bool],
    ) -> None:
        self.withheld = False
        """Whether a pre-release would have been next when the final releases of a project were exhausted."""
        self._catalogue = catalogue
        self._solve_input = solve_input
        self._evaluator = evaluator
        self._includes_target = includes_target
        self._made: dict[tuple[str, str, int], Candidate] = {}

    def ordered(self, table: ReleaseTable, mask: int, extra: str, decided: int) -> Iterator[Candidate]:
        """The release decided on, preferred versions, final releases, then pre-releases if nothing else fits."""
        if mask & (mask - 1) == 0:  # nothing to choose from
            yield from (self.of(table, number, extra) for number in self._allowed(table, mask))
            return
        preferred = 0
        for number in chain(bits(decided), self._preferred(table, mask & ~decided)):
            preferred |= 1 << number
            if self._fits(table, number):
                yield self.of(table, number, extra)
        for number in self._allowed(table, mask):
            if not preferred >> number & 1:
                yield self.of(table, number, extra)

    def in_order(self, table: ReleaseTable, mask: int) -> Iterator[int]:
        """Releases in the order of trial: preferred ones, final ones, pre-releases, usable or not."""
        prereleases = 0 if self._solve_input.requirements.prereleases is Prereleases.ALLOW else table.prereleases
        yield from self._preferred(table, mask)
        yield from (number for part in (mask & ~prereleases, mask & prereleases) for number in bits(part))

    def of(self, table: ReleaseTable, number: int, extra: str) -> Candidate:
        """The candidate for a release or one of its extras; the same object every time."""
        key = (table.project, extra, number)
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = Candidate(table.release(number), number, extra)
        return known

    def _allowed(self, table: ReleaseTable, mask: int) -> Iterator[int]:
        policy = self._solve_input.requirements.prereleases
        if policy is Prereleases.ALLOW:
            yield from self._fitting(table, mask)
            return
        found = False
        for number in self._fitting(table, mask & ~table.prereleases):
            found = True
            yield number
        prereleases = mask & table.prereleases if policy is Prereleases.IF_NECESSARY else 0
        if found and not self._solve_input.with_prereleases:
            self.withheld = self.withheld or bool(prereleases)
        else:
            yield from self._fitting(table, prereleases)

    def _fitting(self, table: ReleaseTable, mask: int) -> Iterator[int]:
        """Those of ``mask`` that can be used on the target."""
        return (number for number in bits(mask) if self._fits(table, number))

    def _preferred(self, table: ReleaseTable, mask: int) -> Iterator[int]:
        preferences, policy = self._solve_input.preferences, self._solve_input.requirements.prereleases
        target = self._catalogue.matrix.targets[self._solve_input.target]
        versions, depends_on = preferences.of(table.project, self._solve_input.target, target)
        for target_bits in depends_on:
            self._includes_target(target_bits)
        for version in versions:
            number = table.number_of(version)
            if number is None or not mask >> number & 1:
                continue
            locked = preferences.is_locked(table.project, version)
            allowed = policy is Prereleases.ALLOW or (locked and policy is Prereleases.IF_NECESSARY)
            if allowed or not version.is_prerelease:
                mask ^= 1 << number
                yield number

    def _fits(self, table: ReleaseTable, number: int) -> bool:
        return self._evaluator.code(table, number) is None
