"""The search of resolvelib, which asks in each of its rounds of every pin whether it meets all that is required of it.

Few answers change from one round to the next, and most of the time of a large tree would go into these questions.
"""

from __future__ import annotations

from resolvelib import BaseReporter
from resolvelib.resolvers import Criterion, Resolution

from mvlock.resolver.need import Key
from mvlock.resolver.provider import AnyRequirement, Provider
from mvlock.resolver.requirement import Candidate


class Backtracking(Resolution[AnyRequirement, Candidate, Key]):
    """One search, with the answers of earlier rounds."""

    def __init__(self, provider: Provider, reporter: BaseReporter[AnyRequirement, Candidate, Key]) -> None:
        super().__init__(provider, reporter)
        self._answers: dict[Key, tuple[object, Candidate, bool]] = {}
        """By key: what was required, the pin, and the answer."""

    def _is_current_pin_satisfying(self, name: Key, criterion: Criterion[AnyRequirement, Candidate]) -> bool:
        pin = self.state.mapping.get(name)
        if pin is None:
            return False
        required, pinned, answer = self._answers.get(name, (None, pin, False))
        if required is not criterion or pinned is not pin:
            answer = super()._is_current_pin_satisfying(name, criterion)
            self._answers[name] = criterion, pin, answer
        return answer
