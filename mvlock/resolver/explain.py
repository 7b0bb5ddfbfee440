"""Why a tree has no resolution: evidence first (``Reason``), then the sentences people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.utils import NormalizedName

from mvlock.errors import AnswerIsNo
from mvlock.project.model import Prereleases
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.need import Need
from mvlock.resolver.provider import Cause
from mvlock.resolver.release import Release, ReleaseTable, bits, where_python, where_release
from mvlock.resolver.solve import Unsolvable
from mvlock.resolver.wish import Refusal, Wish

_SHOWN = 5
_HINTS = {
    "conflict": "split them into trees of their own ([project.dependencies] or [tool.mvlock.trees]), "
    "loosen one of the requirements, or set an entry of overrides",
    "python-mismatch": "narrow requires-python in pyproject.toml, or ask for another version",
    "yanked-only": "pin it with == if it must be that one",
    "too-new": "move exclude-newer, or ask for another version",
    "no-file": "narrow environments in [tool.mvlock], allow building it, or ask for another version",
    "prerelease-only": 'set prereleases = "if-necessary" in [tool.mvlock]',
}


@dataclass(frozen=True, slots=True)
class Want:
    """Who wants what: a requirement, its parent (None: pyproject.toml, at ``origin``), the way there."""

    requirement: str
    parent: str | None
    origin: str | None
    via: tuple[str, ...] = ()

    def __str__(self) -> str:
        who = f"{self.parent} needs" if self.parent else f"{self.origin or 'the project'} asks for"
        return f"{who} {self.requirement}"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no resolution: a code, one sentence, and the wants that take part."""

    code: str
    text: str
    wants: tuple[Want, ...]


def explained(tree: str, unsolvable: Unsolvable, catalogue: Catalogue) -> AnswerIsNo:
    """The error for a tree without a resolution; its ``facts`` hold tree, target and who wants what."""
    reason = _Explainer(unsolvable, catalogue).reason()
    target = catalogue.grid.targets[unsolvable.question.target]
    wants = [
        {"requirement": w.requirement, "parent": w.parent, "origin": w.origin, "via": list(w.via)} for w in reason.wants
    ]
    return AnswerIsNo(
        reason.code,
        f"tree {tree} cannot be resolved: {reason.text}{_where(unsolvable, catalogue)}",
        hint=_HINTS.get(reason.code),
        facts={"tree": tree, "target": target.name, "wants": wants},
    )


def _where(unsolvable: Unsolvable, catalogue: Catalogue) -> str:
    """Names the target where it is not the first one: elsewhere there may well be a resolution."""
    number = unsolvable.question.target
    if number == 0 and unsolvable.provider.same & sum(1 << n for n in catalogue.grid.leaders):
        return ""
    environment = catalogue.grid.targets[number].environment
    facts = (environment["python_version"], environment["sys_platform"], environment["platform_machine"])
    return " (on Python {}, {} {})".format(*facts)


class _Explainer:
    """Looks at the causes of one failure again, now to tell kinds of failure apart."""

    def __init__(self, unsolvable: Unsolvable, catalogue: Catalogue) -> None:
        self._causes = unsolvable.causes
        self._question = unsolvable.question
        self._provider = unsolvable.provider
        self._catalogue = catalogue

    def reason(self) -> Reason:
        """The kind of failure that the causes show."""
        if not self._causes:
            return Reason("too-deep", "the search for versions that fit together was given up", ())
        for cause in self._causes:
            alone = self._alone(cause)
            if alone is not None and len({id(c.requirement) for c in self._causes}) == 1:
                return alone
        reasons = [reason for cause in self._causes if (reason := self._alone(cause)) is not None]
        return reasons[0] if len(reasons) == len(self._causes) else self._conflict()

    def _alone(self, cause: Cause) -> Reason | None:
        """Why nothing satisfies one requirement even without the others, or None if something does."""
        want, wish = self._want(cause), cause.requirement
        if isinstance(wish, Refusal):
            return Reason(wish.code, wish.text, (want,))
        if wish.need is None:
            return None
        table = self._catalogue.table(NormalizedName(wish.key[0]))
        found = self._emptiness(table, wish.need)
        return Reason(found[0], f"{want}, but {found[1]}", (want,)) if found else None

    def _emptiness(self, table: ReleaseTable, need: Need) -> tuple[str, str] | None:
        """A code and half a sentence, or None if releases match and fit."""
        name = table.project
        if self._catalogue.is_missing(name):
            return "project-missing", f"no index has a project {name}"
        numbers = list(bits(table.matching(need.specifier, need.text)))
        if not numbers:
            return "no-version", f"there is no such version; {_available(table)}"
        releases = [table.release(number) for number in numbers]
        there = [n for n, release in zip(numbers, releases, strict=True) if not release.left_out]
        return self._unfit(table, there, need) if there else _left_out(releases[0])

    def _unfit(self, table: ReleaseTable, numbers: list[int], need: Need) -> tuple[str, str] | None:
        """Releases match and have files; why can none of them be used on this target?"""
        standing = [n for n in numbers if need.is_exact or not table.release(n).yanked]
        if not standing:
            return "yanked-only", f"every such version is yanked ({table.versions[numbers[0]]})"
        grid, target = self._catalogue.grid, self._question.target
        pythons = [n for n in standing if where_python(table.release(n), grid) >> target & 1]
        newest = table.release((pythons or standing)[0])
        if not pythons:
            return "python-mismatch", f"{newest} needs Python {_pythons(newest)}"
        if self._question.strict and not any(where_release(table.release(n), grid) >> target & 1 for n in pythons):
            return "no-file", f"{newest} has no wheel for {grid.targets[target].name} and no sdist"
        disallowed = self._question.terms.prereleases is Prereleases.DISALLOW
        if disallowed and all(table.versions[n].is_prerelease for n in pythons):
            return "prerelease-only", f"every such version is a pre-release ({newest.version})"
        return None

    def _conflict(self) -> Reason:
        wants = tuple(dict.fromkeys(self._want(cause) for cause in self._causes))
        shown = _grouped(wants)
        text = ", but ".join(shown[:2]) + "".join(f"; and {one}" for one in shown[2:_SHOWN])
        return Reason("conflict", text, wants)

    def _want(self, cause: Cause) -> Want:
        wish, parent = cause.requirement, cause.parent
        need = wish.need if isinstance(wish, Wish) else None
        text = str(wish) if not isinstance(wish, Wish) or need else f"{wish} of the same version"
        origin = need.origin if need else None
        return Want(text, str(parent) if parent else None, origin, tuple(self._way(cause)))

    def _way(self, cause: Cause) -> Iterator[str]:
        """From the parent up to the project, by who asked first."""
        key = cause.parent.key if cause.parent else None
        seen = set()
        while key is not None and key not in seen:
            seen.add(key)
            above = self._provider.needed_by.get(key)
            if above is None:
                return
            yield str(above)
            key = above.key


def _grouped(wants: Iterable[Want]) -> list[str]:
    """One clause per requirement; many versions of one parent are told as one."""
    clauses: dict[tuple[str, str | None], list[Want]] = {}
    for want in wants:
        parent = want.parent.rsplit(" ", 1)[0] if want.parent else None
        clauses.setdefault((want.requirement, parent), []).append(want)
    return [_clause(parent, group) for (_, parent), group in clauses.items()]


def _clause(parent: str | None, group: list[Want]) -> str:
    if parent is None or len(group) == 1:
        return str(group[0])
    versions = [want.parent.rsplit(" ", 1)[1] for want in group if want.parent]
    few = ", ".join(versions) if len(versions) <= _SHOWN else f"{versions[0]} to {versions[-1]}"
    return f"{parent} {few} need {group[0].requirement}"


def _left_out(newest: Release) -> tuple[str, str]:
    return {
        "newer": ("too-new", f"{newest} was uploaded after exclude-newer"),
        "hash": ("no-file", f"the index gives no sha256 for the files of {newest}"),
        "build": ("no-file", f"{newest} is an sdist only and no-build is set"),
    }[newest.left_out or ""]


def _available(table: ReleaseTable) -> str:
    if not table.versions:
        return f"{table.project} has no release at all"
    newest, oldest = table.versions[0], table.versions[-1]
    return f"{table.project} has {newest}" if newest == oldest else f"{table.project} has {oldest} to {newest}"


def _pythons(release: Release) -> str:
    """What a release asks of Python."""
    return " or ".join(sorted({file.requires_python for file in release.files if file.requires_python}))
