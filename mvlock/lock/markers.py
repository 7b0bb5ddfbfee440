"""From a set of targets back to a marker (PEP 508): short, readable, and true on exactly these targets.

A comparison fixes one variable; a box is one comparison per variable, joined by ``and``; a marker is boxes joined by
``or``. All boxes over the few variables that distinguish the targets are tried, the one that covers most is
taken first.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations_with_replacement

import msgspec
from packaging.version import Version

from mvlock.resolver.target_set import TargetMatrix

_PLATFORM_VARIABLES = ("sys_platform", "platform_machine")


class _Conjunction(msgspec.Struct, frozen=True):
    """Comparisons that are all true on the targets ``target_bits``."""

    atoms: tuple[str, ...]
    target_bits: int

    def joined(self, other: _Conjunction) -> _Conjunction:
        return _Conjunction(self.atoms + other.atoms, self.target_bits & other.target_bits)


class MarkerWriter:
    """Writes markers for sets of a matrix's representatives; others of the same environment follow them."""

    def __init__(self, matrix: TargetMatrix) -> None:
        self._matrix = matrix
        self.universe = sum(1 << number for number in matrix.representatives)
        self._written: dict[int, str | None] = {}

    def marker(self, target_bits: int) -> str | None:
        """The marker of a set of representatives; None if it is all of them.

        :raises ValueError: if no marker distinguishes these targets from the others
        """
        if target_bits not in self._written:
            self._written[target_bits] = None if target_bits == self.universe else self._write(target_bits)
        return self._written[target_bits]

    def where(self, marker: str | None) -> int:
        """The representatives on which a marker written here is true."""
        return self.universe if marker is None else self._matrix.where_marker(marker) & self.universe

    def _write(self, target_bits: int) -> str:
        conjunctions = self._cover(target_bits)
        text = " or ".join(self._text(conjunction, is_only=len(conjunctions) == 1) for conjunction in conjunctions)
        if self.where(text) != target_bits:
            raise ValueError(f"marker {text} is not true on {self._matrix.names(target_bits)} alone")
        return text

    def _cover(self, target_bits: int) -> list[_Conjunction]:
        """Greedy cover; then every box made superfluous by the others is removed."""
        inside = [
            conjunction
            for conjunction in self._conjunctions
            if conjunction.target_bits and not conjunction.target_bits & ~target_bits
        ]
        chosen: list[_Conjunction] = []
        missing = target_bits
        while missing:
            best = min(inside, key=lambda conjunction: _rank(conjunction, missing), default=None)
            if best is None or not best.target_bits & missing:
                raise ValueError(f"no marker is true on {self._matrix.names(target_bits)} alone")
            chosen.append(best)
            missing &= ~best.target_bits
        return _without_superfluous(chosen)

    def _text(self, conjunction: _Conjunction, *, is_only: bool) -> str:
        text = " and ".join(conjunction.atoms)
        return text if is_only or len(conjunction.atoms) < 2 else f"({text})"

    @cached_property
    def _conjunctions(self) -> tuple[_Conjunction, ...]:
        conjunctions = [_Conjunction((), self.universe)]
        for comparisons in (self._python_comparisons(), *(self._comparisons(name) for name in _PLATFORM_VARIABLES)):
            choices = tuple(comparisons)
            conjunctions += [conjunction.joined(choice) for conjunction in conjunctions for choice in choices]
        return tuple(conjunctions)

    def _python_comparisons(self) -> Iterator[_Conjunction]:
        """Every interval of the Pythons, open where it ends with them."""
        versions = sorted(Version(text) for text in self._values("python_full_version"))
        minors = [f"{version.major}.{version.minor}" for version in versions]
        for first, last in combinations_with_replacement(range(len(versions)), 2):
            atoms = [_bound(">=", versions, first)] if first else []
            atoms += [_bound("<", versions, last + 1)] if last + 1 < len(versions) else []
            if len(atoms) == 2 and [n for n, m in enumerate(minors) if m == minors[first]] == [*range(first, last + 1)]:
                atoms = [f"python_version == '{minors[first]}'"]
            if atoms:
                yield self._conjunction(atoms)

    def _comparisons(self, variable: str) -> Iterator[_Conjunction]:
        for value in sorted(self._values(variable)):
            yield self._conjunction([f"{variable} == '{value}'"])
            yield self._conjunction([f"{variable} != '{value}'"])

    def _conjunction(self, atoms: list[str]) -> _Conjunction:
        target_bits = self.universe
        for atom in atoms:
            target_bits &= self._matrix.where_marker(atom)
        return _Conjunction(tuple(atoms), target_bits)

    def _values(self, variable: str) -> set[str]:
        return {self._matrix.targets[number].environment[variable] for number in self._matrix.representatives}


def _bound(operator: str, versions: list[Version], number: int) -> str:
    """Compares with the start of a Python's span: its minor, or the first patch level above the one before."""
    version, below = versions[number], versions[number - 1]
    if (version.major, version.minor) != (below.major, below.minor):
        return f"python_version {operator} '{version.major}.{version.minor}'"
    return f"python_full_version {operator} '{below.major}.{below.minor}.{below.micro + 1}'"


def _rank(conjunction: _Conjunction, missing: int) -> tuple[int, int, int, tuple[str, ...]]:
    """What covers most comes first, then the shortest, then the one with the fewest negations, then by text."""
    negations = sum(" != " in atom for atom in conjunction.atoms)
    return -(conjunction.target_bits & missing).bit_count(), len(conjunction.atoms), negations, conjunction.atoms


def _without_superfluous(conjunctions: list[_Conjunction]) -> list[_Conjunction]:
    kept = list(conjunctions)
    for conjunction in conjunctions:
        others = [other for other in kept if other is not conjunction]
        covered = 0
        for other in others:
            covered |= other.target_bits
        if not conjunction.target_bits & ~covered:
            kept = others
    return kept
