"""All targets at once: a set of targets is an int, bit i for target i.

Every question of a solve about an environment (a marker, a requires-python, a wheel's tags) is answered here
for all targets at once and cached. So a solve for one target also finds, with one AND per question, for which
others it would have been exactly the same, and they need no solve of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.utils import canonicalize_name

from mvlock.base.pep508 import is_true, parse_specifiers
from mvlock.resolver.atoms import Atom, Expression, parse
from mvlock.resolver.target import PATCHES, PatchBoundary, Target

_PATCH = re.compile(r"(3\.\d+)\.\d+")
_ONE_EXTRA = re.compile(r'extra == "([^"]*)"')


class TargetMatrix:
    """The targets of a lock, in the order in which they are solved. Only its caches change."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = tuple(targets)
        self.everywhere = (1 << len(self.targets)) - 1
        self.patch_boundaries: set[PatchBoundary] = set()
        """Where markers evaluated so far distinguish patch levels of a minor version: there may be too few targets."""
        self._atoms: dict[tuple[str, str], int] = {}
        self._markers: dict[tuple[str, str], int] = {}
        self._pythons: dict[tuple[str, bool], int] = {}
        self._tails: dict[str, int] = {}

    @cached_property
    def representatives(self) -> tuple[int, ...]:
        """The targets to solve for: the first of each environment represents it.

        Markers cannot distinguish targets with the same environment (glibc and musl), so these share a resolution,
        and the first one's tags decide.
        """
        firsts: dict[tuple[tuple[str, str], ...], int] = {}
        for number, target in enumerate(self.targets):
            firsts.setdefault(tuple(sorted(target.environment.items())), number)
        return tuple(firsts.values())

    def where_marker(self, marker: str, extra: str = "") -> int:
        """The targets on which a marker, as canonical text, is true with ``extra`` requested ("": none)."""
        known = self._markers.get((marker, extra))
        if known is None:
            known = self._markers[marker, extra] = self._where(parse(marker), extra)
        return known

    def where_undecided(self, marker: str, extra: str = "") -> int:
        """The targets on which a marker depends on the machine (``platform_release``)."""
        if not any(name in marker for name in ("platform_release", "platform_version")):
            return 0
        expression = parse(marker)
        # Markers have no negation, so these are the two bounds.
        at_most, at_least = (self._where(expression, extra, machine) for machine in (self.everywhere, 0))
        return at_most & ~at_least

    def where_python(self, requires_python: str, *, capped: bool = True) -> int:
        """The targets whose Python is allowed; text that is not a specifier allows all, as in pip.

        Without ``capped`` only lower bounds count.
        """
        known = self._pythons.get((requires_python, capped))
        if known is None:
            known = self._pythons[requires_python, capped] = self._allowed(requires_python, capped)
        return known

    def where_wheel(self, filename: str) -> int:
        """The targets that support a wheel, by the tags of its file name (PEP 425, 427)."""
        tail = "-".join(filename[: -len(".whl")].rsplit("-", 3)[-3:])
        known = self._tails.get(tail)
        if known is None:
            known = self._tails[tail] = self._supported(tail)
        return known

    def names(self, target_bits: int) -> tuple[str, ...]:
        """The names of a set of targets, in order."""
        return tuple(t.name for number, t in enumerate(self.targets) if target_bits >> number & 1)

    def _where(self, expression: Expression, extra: str, machine: int | None = None) -> int:
        """``machine``: the value of comparisons that depend on the machine (None: as on the target)."""
        if isinstance(expression, Atom):
            return machine if machine is not None and expression.is_about_machine else self._atom(expression, extra)
        result = self.everywhere if expression.is_conjunction else 0
        for part in expression.parts:
            target_bits = self._where(part, extra, machine)
            result = result & target_bits if expression.is_conjunction else result | target_bits
        return result

    def _atom(self, atom: Atom, extra: str) -> int:
        key = (atom.text, extra if atom.is_about_extra else "")
        known = self._atoms.get(key)
        if known is None:
            one_extra = _ONE_EXTRA.fullmatch(atom.text)
            known = self._evaluate(atom, extra) if one_extra is None else self._requested(one_extra[1], extra)
            self._atoms[key] = known
        return known

    def _requested(self, named: str, extra: str) -> int:
        """Where ``extra == "…"`` is true, which most comparisons in metadata are: everywhere or nowhere (PEP 685)."""
        return self.everywhere if canonicalize_name(named) == canonicalize_name(extra) else 0

    def _evaluate(self, atom: Atom, extra: str) -> int:
        """Evaluated once for all targets that have the same values of what is compared."""
        marker = Marker(atom.text)
        if "full_version" in atom.text or "implementation_version" in atom.text:
            self._note_patch_boundaries(marker, extra)
        variables = atom.variables
        answers: dict[tuple[str | None, ...], bool] = {}
        target_bits = 0
        for number, target in enumerate(self.targets):
            values = tuple(target.environment.get(name) for name in variables)
            if values not in answers:
                answers[values] = _is_true(marker, target, extra)
            target_bits |= answers[values] << number
        return target_bits

    def _note_patch_boundaries(self, marker: Marker, extra: str) -> None:
        minors = {target.environment["python_version"]: target for target in self.targets}
        for minor, target in minors.items():
            answers = [_is_true(marker, target, extra, patch) for patch in PATCHES]
            self.patch_boundaries.update((minor, n) for n in PATCHES[1:] if answers[n] != answers[n - 1])

    def _allowed(self, requires_python: str, capped: bool) -> int:
        try:
            specifier = parse_specifiers(requires_python)
        except InvalidSpecifier:
            return self.everywhere
        if not capped:
            specifier = SpecifierSet(",".join(_from_below(bound) for bound in specifier))
        self._note_patches(specifier)
        versions = (t.environment["python_full_version"] for t in self.targets)
        return sum(1 << n for n, v in enumerate(versions) if specifier.contains(v, prereleases=True))

    def _note_patches(self, specifier: SpecifierSet) -> None:
        """A Python range with a patch level may allow some patch levels of a minor version and not others."""
        named = {match[1] for bound in specifier if (match := _PATCH.match(bound.version))}
        for minor in named & {target.environment["python_version"] for target in self.targets}:
            answers = [specifier.contains(f"{minor}.{patch}") for patch in PATCHES]
            self.patch_boundaries.update((minor, n) for n in PATCHES[1:] if answers[n] != answers[n - 1])

    def _supported(self, tail: str) -> int:
        target_bits = 0
        if tail.count("-") != 2:
            return target_bits
        pythons, abis, platforms = (part.split(".") for part in tail.split("-"))
        for python in pythons:
            for abi in abis:
                for platform in platforms:
                    target_bits |= self._tags.get(f"{python}-{abi}-{platform}", 0)
        return target_bits

    @cached_property
    def _tags(self) -> dict[str, int]:
        bits_by_tag: dict[str, int] = {}
        for number, target in enumerate(self.targets):
            for tag in target.tags:
                bits_by_tag[tag] = bits_by_tag.get(tag, 0) | 1 << number
        return bits_by_tag


def _from_below(bound: Specifier) -> str:
    """The lower bound that a specifier sets, if any."""
    if bound.operator in {">=", ">"}:
        return str(bound)
    return f">={bound.version.removesuffix('.*')}" if bound.operator in {"~=", "=="} else ""


def _is_true(marker: Marker, target: Target, extra: str, patch: int | None = None) -> bool:
    environment = {**target.environment, "extra": extra}
    if patch is not None:
        version = f"{target.environment['python_version']}.{patch}"
        environment |= {"python_full_version": version, "implementation_version": version}
    return is_true(marker, environment)
