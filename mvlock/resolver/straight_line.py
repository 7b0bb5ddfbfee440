"""A solve without a search, for the questions in which nothing conflicts: most of them.

The search looks at every key again in each of its rounds, so its cost grows with the square of a tree. Here each key
is decided once, in the order in which the search would decide, by the same provider: what is found is what the search
would have found. At the first conflict the question is left to the search, which begins from the start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from mvlock.resolver.need import Key
from mvlock.resolver.provider import AnyRequirement, Provider
from mvlock.resolver.requirement import Candidate, UnsatisfiableRequirement

_NONE_EXCLUDED: Mapping[Key, list[Candidate]] = defaultdict(list)


def straight_line(provider: Provider, roots: Iterable[AnyRequirement]) -> Mapping[Key, Candidate] | None:
    """The candidate of each key that ``roots`` lead to; None if there is a conflict on the way."""
    line = _Line(provider)
    return line.decided if line.require(roots) and line.decide_all() else None


class _Line:
    """Keys that are decided, and those that are open, in the order in which they will be."""

    def __init__(self, provider: Provider) -> None:
        self.decided: dict[Key, Candidate] = {}
        self._provider = provider
        self._requirements: defaultdict[Key, list[AnyRequirement]] = defaultdict(list)
        self._open: list[tuple[object, Key]] = []

    def require(self, requirements: Iterable[AnyRequirement]) -> bool:
        """Add requirements; False if what is decided already does not meet one of them."""
        for one in requirements:
            decided = self.decided.get(one.key)
            if decided is not None and not self._provider.is_satisfied_by(one, decided):
                return False
            self._requirements[one.key].append(one)
            if decided is None:
                heappush(self._open, (self._provider.get_preference(one.key, self.decided, {}, {}, ()), one.key))
        return True

    def decide_all(self) -> bool:
        """Decide on every key; False if there is a conflict."""
        while self._open:
            _, key = heappop(self._open)
            if key not in self.decided and not self._decide(key):
                return False
        return True

    def _decide(self, key: Key) -> bool:
        """Decide on the best candidate that can be used, as far as its own metadata tells."""
        matches = self._provider.find_matches(key, self._requirements, _NONE_EXCLUDED)
        for candidate in matches() if callable(matches) else ():
            wanted = tuple(self._provider.get_dependencies(candidate))
            if not any(isinstance(one, UnsatisfiableRequirement) for one in wanted):
                self.decided[key] = candidate
                return self.require(wanted)
        return False
