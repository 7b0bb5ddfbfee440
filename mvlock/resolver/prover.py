"""Proves that a tree has no resolution on a target, by the PubGrub algorithm, to learn which facts exclude each other.

The search for a resolution ends with the last conflict it met, which is seldom the whole story. Here every
conflict is turned into a new rule whose parents are remembered, so that what is left in the end is a derivation
from facts; or a resolution, where that search was given up. A rule forbids a combination: for each of some keys a
set of states, which must not all be met. A set of states is an int: bit i for release i of the project's table, the
bit after the last for "not in the tree".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from packaging.utils import NormalizedName

from mvlock.resolver.catalogue import Catalogue, Unusable
from mvlock.resolver.fact import Asked, Bound, Fact, Needs, Proof, Same, Unfit
from mvlock.resolver.need import Key, Need
from mvlock.resolver.question import Question
from mvlock.resolver.release import ReleaseTable, bits
from mvlock.resolver.verdict import Verdicts

_STEPS = 20_000


@dataclass(frozen=True, eq=False, slots=True)
class Rule:
    """A combination that must not be: a fact, or what follows from two other rules."""

    terms: Mapping[Key, int]
    fact: Fact | None = None
    parents: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """The states of a key are limited to ``states`` by a rule, or (None) by a decision."""

    key: Key
    states: int
    level: int
    rule: Rule | None


class _GivenUp(Exception):  # an answer, not an error of ours
    """The search took too long."""


@dataclass(slots=True)
class _Trail:
    """What is decided and what follows from it, in order; and the states that remain of each key."""

    steps: list[_Step] = field(default_factory=list)
    states: dict[Key, int] = field(default_factory=dict)
    level: int = 0

    def back_to(self, level: int) -> None:
        """Forget everything above a level."""
        self.steps = [step for step in self.steps if step.level <= level]
        self.states = {}
        for step in self.steps:
            self.states[step.key] = self.states.get(step.key, -1) & step.states
        self.level = level


Order = Callable[[ReleaseTable, int], Iterable[int]]
"""Some releases of a table, the one to try first first."""


class Prover:
    """One proof for one question. Reads metadata that the failed search may not have read.

    ``order`` matters only where there is a resolution after all: which one is found.
    """

    def __init__(
        self, catalogue: Catalogue, question: Question, order: Order = lambda _, numbers: bits(numbers)
    ) -> None:
        self._order = order
        self._catalogue = catalogue
        self._question = question
        self._verdicts = Verdicts(catalogue, question, self._here)
        self._rules: dict[Key, list[Rule]] = {}
        self._trail = _Trail()
        self._decided: dict[Key, int] = {}
        self._trouble: Counter[Key] = Counter()
        self._told: set[tuple[Key, int]] = set()
        self._opened: set[Key] = set()
        self._needing: dict[Key, dict[str, int]] = {}

    def answer(self) -> Proof | Mapping[Key, int] | None:
        """The proof, or a resolution after all: the number of the release of each key. None: neither within reason.

        :raises MvlockError: when something cannot be read
        """
        try:
            final = self._search()
        except _GivenUp:
            return None
        return self._decided if final is None else Proof(tuple(self._with_dead_ends(_facts(final))))

    def _with_dead_ends(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """The facts, and why a need is met by nothing that exists."""
        for fact in facts:
            yield fact
            if not isinstance(fact, (Asked, Needs)):
                continue
            unmet = self._verdicts.unmet(fact.need)
            if unmet is not None:
                yield unmet

    def _search(self) -> Rule | None:
        rules = list(self._ask())
        for rule in rules:
            if not rule.terms:
                return rule
            self._add(rule)
        changed = {key for rule in rules for key in rule.terms}
        for _ in range(_STEPS):
            conflict = self._propagate(changed)
            if conflict is not None:
                final = self._learn(conflict)
                if not final.terms:
                    return final
                self._trouble.update(final.terms.keys())
                changed = set(final.terms)
                continue
            key = self._open_key()
            if key is None:
                return None
            changed = {key, *self._decide(key)}
        raise _GivenUp

    def _ask(self) -> Iterator[Rule]:
        """The rules of pyproject.toml."""
        for need in self._question.terms.needs:
            if self._here(self._catalogue.where(need.marker)):
                for one in self._verdicts.meant(need):
                    fact = Asked(need) if one is need else Asked(one)
                    for key in one.keys:
                        yield self._rule({key: self._all(key) & ~self._met(key, one)}, fact)

    def _propagate(self, changed: set[Key]) -> Rule | None:
        """Draw every conclusion; a rule that is broken ends it."""
        while changed:
            key = min(changed)
            changed.discard(key)
            for rule in reversed(self._rules_alive(key)):
                left = self._left(rule)
                if left is None:
                    continue
                if not left:
                    return rule
                self._step(_Step(left[0], ~rule.terms[left[0]], self._trail.level, rule))
                changed.add(left[0])
        return None

    def _rules_alive(self, key: Key) -> list[Rule]:
        """The rules of a key, from now on without those that cannot be broken any more, whatever is decided.

        A project of thousands of releases has as many rules, nearly all of releases that are out of the question.
        """
        if not self._trail.level:
            self._rules[key] = [rule for rule in self._rules_of(key) if not self._is_settled(rule)]
        return self._rules_of(key)

    def _is_settled(self, rule: Rule) -> bool:
        """Whether some key can have none of the states of the rule."""
        return not all(self._states(key) & term for key, term in rule.terms.items())

    def _left(self, rule: Rule) -> list[Key] | None:
        """The keys (at most one) whose states do not all lie in the rule; None if it cannot be broken now."""
        left: list[Key] = []
        for key, term in rule.terms.items():
            states = self._states(key)
            if not states & term:
                return None
            if states & ~term:
                left.append(key)
                if len(left) > 1:
                    return None
        return left

    def _learn(self, rule: Rule) -> Rule:
        """Resolve a broken rule with what led there, until it says what to do differently earlier on."""
        while rule.terms:
            number = self._breaker(rule)
            step = self._trail.steps[number]
            earlier = self._level_before(rule, number)
            if step.rule is None or earlier < step.level:
                self._add(rule)
                self._return_to(earlier)
                return rule
            rule = self._resolved(rule, step)
        return rule

    def _return_to(self, level: int) -> None:
        self._trail.back_to(level)
        self._decided = {key: number for key, number in self._decided.items() if self._states(key) == 1 << number}

    def _breaker(self, rule: Rule) -> int:
        """The first step after which the rule is broken."""
        states = {key: self._all(key) for key in rule.terms}
        open_keys = {key for key, term in rule.terms.items() if states[key] & ~term}
        for number, step in enumerate(self._trail.steps):
            if step.key in states:
                states[step.key] &= step.states
                if not states[step.key] & ~rule.terms[step.key]:
                    open_keys.discard(step.key)
                    if not open_keys:
                        return number
        return len(self._trail.steps) - 1

    def _level_before(self, rule: Rule, breaker: int) -> int:
        """The first level on which the breaking step alone breaks the rule."""
        last = self._trail.steps[breaker]
        states = {key: self._all(key) for key in rule.terms}
        states[last.key] &= last.states
        level = 0
        for step in self._trail.steps[:breaker]:
            if all(not states[key] & ~term for key, term in rule.terms.items()):
                break
            if step.key in states:
                states[step.key] &= step.states
                level = step.level
        return level

    def _resolved(self, rule: Rule, step: _Step) -> Rule:
        """What follows from a rule and the one behind a step: their common key drops out or is widened."""
        other = step.rule
        if other is None:
            raise ValueError("a decision proves nothing")
        terms = dict(rule.terms)
        for key, term in other.terms.items():
            mine = terms.get(key)
            joined = term if mine is None else mine | term if key == step.key else mine & term
            terms[key] = joined
        return self._rule(terms, parents=(rule, other))

    def _rule(self, terms: Mapping[Key, int], fact: Fact | None = None, parents: tuple[Rule, ...] = ()) -> Rule:
        """A rule without the keys whose every state it names."""
        return Rule({key: term for key, term in terms.items() if term != self._all(key)}, fact, parents)

    def _open_key(self) -> Key | None:
        """A key that must be in the tree and is not decided: the most contested, with the fewest releases left.

        What is contested comes early, lest all that is built on top of it be decided again and again.
        """
        wanted = [key for key in self._trail.states if key not in self._decided and not self._absent(key)]
        return min(wanted, key=lambda key: (-self._trouble[key], self._states(key).bit_count(), key), default=None)

    def _decide(self, key: Key) -> Iterator[Key]:
        """Take the newest release that is left, unless its needs forbid it at once."""
        table = self._table(key)
        if key not in self._opened:
            self._opened.add(key)
            self._tell_unfit(key, table)
            yield key
            return
        number = next(iter(self._order(table, self._states(key) & table.all)))
        rules = list(self._needs_of(key, number))
        for rule in rules:
            self._add(rule)
            yield from rule.terms
        if any(self._breaks(rule, key) for rule in rules):
            return
        self._decided[key] = number
        if self._states(key) != 1 << number:  # else there is nothing to decide
            self._trail.level += 1
            self._step(_Step(key, 1 << number, self._trail.level, None))

    def _breaks(self, rule: Rule, chosen: Key) -> bool:
        return all(not self._states(key) & ~term for key, term in rule.terms.items() if key != chosen)

    def _tell_unfit(self, key: Key, table: ReleaseTable) -> None:
        for fact, numbers in self._verdicts.unfit(table):
            self._add(Rule({key: numbers}, fact))
        for constraint in self._question.terms.constraints.get(key[0], ()):
            if self._here(self._catalogue.where(constraint.marker)):
                forbidden = table.all & ~table.matching(constraint.specifier, constraint.text)
                if forbidden:
                    self._add(Rule({key: forbidden}, Bound(constraint)))

    def _needs_of(self, key: Key, number: int) -> Iterator[Rule]:
        """The rules that a release brings, shared with all releases that are known to need the same."""
        table = self._table(key)
        release = table.release(number)
        if (key, number) in self._told:
            return
        self._told.add((key, number))
        refused = self._verdicts.refused(table, number)
        if refused is not None:
            code, text = refused
            yield Rule({key: 1 << number}, Unfit(code, key[0], (release.version,), text))
            return
        if key[1]:
            others = self._all(key) & ~(1 << number)
            yield self._rule({key: 1 << number, (key[0], ""): others}, Same(*key, release.version))
        for need in self._wanted(key, number):
            yield from self._need_rules(key, number, need)

    def _need_rules(self, key: Key, number: int, need: Need) -> Iterator[Rule]:
        table = self._table(key)
        if need.requirement.url and need.name not in self._catalogue.rules.sources:
            release = table.release(number)
            text = f"needs {need.requirement}, a direct reference"
            yield Rule({key: 1 << number}, Unfit("direct-reference", key[0], (release.version,), text))
            return
        alike = self._alike(key, number, need)
        versions = tuple(table.versions[n] for n in bits(alike))
        fact = Needs(*key, versions, need, len(table.versions))
        for wanted in need.keys:
            unmet = self._all(wanted) & ~self._met(wanted, need)
            if wanted != key:
                yield self._rule({key: alike, wanted: unmet}, fact)
            elif alike & unmet:
                yield self._rule({key: alike & unmet}, fact)

    def _alike(self, key: Key, number: int, need: Need) -> int:
        """The releases that need the very same, as far as they had been read when the key came up, or came up since."""
        found = self._needing.get(key)
        if found is None:
            found = self._needing[key] = {}
            for other in bits(self._table(key).all):
                if self._has_read(key, other):
                    self._note_needs(key, other)
        self._note_needs(key, number)
        return found[str(need)]

    def _has_read(self, key: Key, number: int) -> bool:
        release = self._table(key).release(number)
        return not release.left_out and self._catalogue.has_read(release)

    def _note_needs(self, key: Key, number: int) -> None:
        found = self._needing[key]
        for one in self._wanted(key, number):
            found[str(one)] = found.get(str(one), 0) | 1 << number

    def _wanted(self, key: Key, number: int) -> Iterator[Need]:
        release = self._table(key).release(number)
        if isinstance(self._catalogue.metadata(release), Unusable):
            return
        for dependency in self._catalogue.dependencies(release, key[1]):
            if self._here(dependency.where):
                yield from self._verdicts.meant(dependency.need)

    def _here(self, where: int) -> bool:
        return bool(where >> self._question.target & 1)

    def _met(self, key: Key, need: Need) -> int:
        """The states in which a need is met."""
        return self._table(key).matching(need.specifier, need.text)

    def _table(self, key: Key) -> ReleaseTable:
        return self._catalogue.table(NormalizedName(key[0]))

    def _all(self, key: Key) -> int:
        """Every state of a key: its releases, and not to be there."""
        return self._table(key).all << 1 | 1

    def _absent(self, key: Key) -> bool:
        """Whether a key may still stay out."""
        return bool(self._states(key) >> len(self._table(key).versions) & 1)

    def _states(self, key: Key) -> int:
        return self._trail.states.get(key, -1) & self._all(key)

    def _step(self, step: _Step) -> None:
        self._trail.steps.append(step)
        self._trail.states[step.key] = self._states(step.key) & step.states

    def _rules_of(self, key: Key) -> list[Rule]:
        return self._rules.setdefault(key, [])

    def _add(self, rule: Rule) -> None:
        for key in rule.terms:
            self._rules_of(key).append(rule)


def _facts(final: Rule) -> Iterator[Fact]:
    """The facts of a derivation, each once, in the order of the argument."""
    seen: set[int] = set()
    stack = [final]
    while stack:
        rule = stack.pop()
        if id(rule) not in seen:
            seen.add(id(rule))
            if rule.fact is not None:
                yield rule.fact
            stack.extend(reversed(rule.parents))
