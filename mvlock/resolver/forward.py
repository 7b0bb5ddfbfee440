"""A solve without backtracking: enough for most resolutions, and its cost grows with the tree, not with its square.

The search of resolvelib looks at every key again in each of its rounds. Here only that is looked at which has changed,
otherwise the steps are the same, with the same provider, in the same order:

- The next key gets the best candidate that everything decided so far allows. A candidate with a requirement that
  nothing can meet is passed over.
- Where a new requirement does not allow what is decided already, that is decided again, before anything else; what it
  required itself no longer counts.

If a key has no candidate left, only a search that backtracks can tell which decision to undo: it begins from the start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from mvlock.resolver.need import Key
from mvlock.resolver.provider import AnyRequirement, Provider
from mvlock.resolver.requirement import Candidate

_REVISIONS = 3
"""How often a key is decided again before the solve is left to the search: two keys may push each other around."""


def solve_forward(provider: Provider, roots: Iterable[AnyRequirement]) -> Mapping[Key, Candidate] | None:
    """The candidate of each key that ``roots`` lead to; None if only a search can tell."""
    state = _Forward(provider)
    return state.decided if state.start(roots) and state.decide_all() else None


class _Forward:
    """Keys that are decided, and those that are open, in the order in which they will be."""

    def __init__(self, provider: Provider) -> None:
        self.decided: dict[Key, Candidate] = {}
        self._provider = provider
        self._requirements: defaultdict[Key, list[AnyRequirement]] = defaultdict(list)
        self._masks: dict[Key, int] = {}
        """By key: the releases that its requirements allow, as far as they are known."""
        self._made: dict[Key, tuple[AnyRequirement, ...]] = {}
        """By key: the requirements of its candidate; none while it is to be decided again."""
        self._revisions: defaultdict[Key, int] = defaultdict(int)
        self._open: list[tuple[object, Key]] = []

    def start(self, roots: Iterable[AnyRequirement]) -> bool:
        """Add the requirements of the tree itself; False if they exclude each other."""
        return self._allows(roots) and self._require(roots)

    def decide_all(self) -> bool:
        """Decide on every key; False if one has no candidate."""
        while self._open:
            _, key = heappop(self._open)
            if key not in self._made and self._requirements[key] and not self._decide(key):
                return False
        return True

    def _decide(self, key: Key) -> bool:
        """Decide on the best candidate whose requirements can be met, as far as can be seen."""
        matches = self._provider.find_matches(key, self._requirements, {})
        for candidate in matches() if callable(matches) else ():
            wanted = tuple(self._provider.get_dependencies(candidate))
            if self._allows(wanted):
                self.decided[key], self._made[key] = candidate, wanted
                return self._require(wanted, key)
        return False

    def _allows(self, requirements: Iterable[AnyRequirement]) -> bool:
        """Whether there is a release of each key that allows what is required of it by now and by ``requirements``."""
        return all(self._is_met(one) or self._mask(one.key) & self._provider.allowed_by(one) for one in requirements)

    def _require(self, requirements: Iterable[AnyRequirement], parent: Key | None = None) -> bool:
        """Add the requirements of a key's candidate, or of the tree itself; False if that leads round in circles."""
        added = tuple(requirements)
        for one in added:
            self._requirements[one.key].append(one)
            if one.key in self._masks:
                self._masks[one.key] &= self._provider.allowed_by(one)
        for one in added:
            if parent is not None and parent not in self._made:
                break  # decided again already: it needs another version of itself
            if one.key not in self._made:
                self._reopen(one.key)
            elif not self._is_met(one) and not self._revise(one.key):
                return False
        return True

    def _is_met(self, one: AnyRequirement) -> bool:
        """Whether a key is decided, and its candidate meets a requirement."""
        return one.key in self._made and self._provider.is_satisfied_by(one, self.decided[one.key])

    def _mask(self, key: Key) -> int:
        known = self._masks.get(key)
        if known is None:
            known = self._masks[key] = self._provider.allowed(key, self._requirements)
        return known

    def _revise(self, key: Key) -> bool:
        """Decide again on a key; False if that was done often enough."""
        self._revisions[key] += 1
        self._withdraw(key)
        self._reopen(key)
        return self._revisions[key] <= _REVISIONS

    def _withdraw(self, key: Key) -> None:
        """Remove what the candidate of a key required, and with it all that nothing else requires."""
        withdrawn = [key]
        while withdrawn:
            for one in self._made.pop(withdrawn.pop(), ()):
                self._requirements[one.key].remove(one)
                self._masks.pop(one.key, None)
                if not self._requirements[one.key]:
                    self.decided.pop(one.key, None)
                    withdrawn.append(one.key)

    def _reopen(self, key: Key) -> None:
        heappush(self._open, (self._provider.get_preference(key, self.decided, {}, {}, ()), key))
