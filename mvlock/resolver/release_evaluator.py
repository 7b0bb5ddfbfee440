"""Whether a release can be used on a target, whatever is required: decided once, for the search and for the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace
from packaging.utils import NormalizedName

from mvlock.codes import Code
from mvlock.project.model import Prereleases
from mvlock.resolver.catalogue import Catalogue, Unusable
from mvlock.resolver.fact import UnusableReleases
from mvlock.resolver.need import Need
from mvlock.resolver.release import Release, ReleaseTable, bits, where_python, where_release
from mvlock.resolver.solve_input import SolveInput

_EXCLUSION_CODES: Mapping[str, Code] = {
    "newer": "too-new",
    "no-upload-time": "upload-time-missing",
    "hash": "hash-missing",
    "build": "build-off",
}
_TEXTS: Mapping[Code, str] = {
    "too-new": "was uploaded after {limit}",
    "upload-time-missing": "has no upload time on its index, and {limit} is set",
    "hash-missing": "has no sha256 on its index",
    "build-off": "has only an sdist, and building it is off",
    "yanked-only": "is yanked",
    "prerelease-only": "is a pre-release",
}


class ReleaseEvaluator:
    """Says of the releases of one solve which can be used, and why others cannot (pip calls this a link evaluator).

    ``includes_target`` says whether a set of targets includes that of the solve, and may record the answer.
    """

    def __init__(self, catalogue: Catalogue, solve_input: SolveInput, includes_target: Callable[[int], bool]) -> None:
        self._catalogue = catalogue
        self._solve_input = solve_input
        self._includes_target = includes_target
        needs = solve_input.requirements.needs
        local = catalogue.local_needs(need.name for need in needs)
        self._exact = [need for need in (*needs, *local) if need.is_exact]
        """What the project itself requires in one version, apart from constraints and overrides."""
        self._pinned: dict[str, int] = {}

    def code(self, table: ReleaseTable, number: int) -> Code | None:
        """Why a release is excluded; None: it can be tried."""
        release = table.release(number)
        exclusion = self._catalogue.rules.exclusion_in(self._solve_input.requirements.tree, release)
        if exclusion:
            return _EXCLUSION_CODES[exclusion]
        if release.yanked and not self._may_be_yanked(table, number):
            return "yanked-only"
        if not self._includes_target(self._where(table, number)):
            return self._mismatch_code(table, number)
        if table.prereleases >> number & 1 and self._solve_input.requirements.prereleases is Prereleases.DISALLOW:
            return "prerelease-only"
        return None

    def rejection(self, table: ReleaseTable, number: int) -> tuple[Code, str] | None:
        """Why a release cannot be used once its metadata is read: the code, and what is true of it."""
        metadata = self._catalogue.metadata(table.release(number))
        if isinstance(metadata, Unusable):
            return metadata.code, f"cannot be used: {metadata.text}"
        wanted = metadata.requires_python
        if wanted is None or self._includes_target(self._where_python(table, number, str(wanted))):
            return None
        return "python-mismatch", f"needs Python {wanted}"

    def unusable(self, table: ReleaseTable) -> Iterator[tuple[UnusableReleases, int]]:
        """The releases of a table that cannot be used, by reason, with the set of them."""
        found: dict[tuple[Code, str], int] = {}
        for number in bits(table.all):
            code = self.code(table, number)
            if code is not None:
                reason = code, self._text(code, table.release(number))
                found[reason] = found.get(reason, 0) | 1 << number
        for (code, text), mask in found.items():
            yield UnusableReleases(code, table.project, tuple(table.versions[n] for n in bits(mask)), text), mask

    def unmet(self, need: Need) -> UnusableReleases | None:
        """Why no release is in the range of a need."""
        if self._catalogue.is_missing(need.name):
            return UnusableReleases("project-missing", need.name, (), f"no index has a project {need.name}")
        status = self._catalogue.status(need.name)
        if status.is_quarantined:
            return UnusableReleases("project-quarantined", need.name, (), f"{need.name} is {status.advice}")
        table = self._catalogue.table(need.name)
        if table.matching(need.specifier, need.text):
            return None
        return UnusableReleases("no-version", need.name, (), f"there is no such version; {_available(table)}")

    def is_undeclared(self, need: Need) -> bool:
        """Whether a need is a direct reference (PEP 508, ``name @ url``) whose source the project does not declare."""
        return bool(need.requirement.url) and need.name not in self._catalogue.rules.sources

    def overridden(self, need: Need) -> Iterator[Need]:
        """The need, or the overrides that replace it; the extras that it requires are kept. Nothing, if excluded."""
        requirements = self._solve_input.requirements
        if need.name in requirements.excluded:
            return
        replacements = requirements.overrides.get(need.name)
        if replacements is None:
            yield need
        else:
            yield from (
                _with(replacement, need.extras)
                for replacement in replacements
                if self._includes_target(self._catalogue.where(replacement.marker))
            )

    def _may_be_yanked(self, table: ReleaseTable, number: int) -> bool:
        """Whether the project pins this exact version (PEP 592), or it is locked already."""
        locked = self._solve_input.preferences.is_locked(table.project, table.versions[number])
        return locked or self._is_pinned(table, number)

    def _where(self, table: ReleaseTable, number: int) -> int:
        """The targets on which a release can be installed, or whose Python it allows if tags do not matter."""
        release, is_capped = table.release(number), not self._is_pinned(table, number)
        if not self._solve_input.needs_files:
            return where_python(release, self._catalogue.matrix, capped=is_capped)
        if is_capped:
            return self._catalogue.where_release(release)
        return where_release(release, self._catalogue.matrix, capped=False)

    def _where_python(self, table: ReleaseTable, number: int, text: str) -> int:
        return self._catalogue.matrix.where_python(text, capped=not self._is_pinned(table, number))

    def _mismatch_code(self, table: ReleaseTable, number: int) -> Code:
        is_capped = not self._is_pinned(table, number)
        pythons = where_python(table.release(number), self._catalogue.matrix, capped=is_capped)
        return "no-file" if pythons >> self._solve_input.target & 1 else "python-mismatch"

    def _is_pinned(self, table: ReleaseTable, number: int) -> bool:
        """Whether the project itself pins this release: in pyproject.toml, or in that of a direct reference.

        Such a release is used although its author advises against it: by a yank (PEP 592), or by an upper bound on
        Python, which was a guess when it was made.
        """
        known = self._pinned.get(table.project)
        if known is None:
            requirements = self._solve_input.requirements
            known = 0
            for need in (
                *(need for need in self._exact if need.name == table.project),
                *requirements.constraints.get(table.project, ()),
                *requirements.overrides.get(table.project, ()),
            ):
                if need.is_exact and self._includes_target(self._catalogue.where(need.marker)):
                    known |= table.matching(need.specifier, need.text)
            self._pinned[table.project] = known
        return bool(known >> number & 1)

    def _text(self, code: Code, release: Release) -> str:
        if code == "python-mismatch":
            return f"needs Python {_pythons(release)}"
        if code == "no-file":
            return f"has no wheel for {self._catalogue.matrix.targets[self._solve_input.target].name} and no sdist"
        limit = self._catalogue.rules.limit_text(self._solve_input.requirements.tree, release)
        return _TEXTS[code].format(limit=limit)


def _with(need: Need, extras: Iterable[NormalizedName]) -> Need:
    """The need with more extras."""
    found = tuple(dict.fromkeys((*extras, *need.extras)))
    return need if found == need.extras else replace(need, extras=found)


def _available(table: ReleaseTable) -> str:
    more = f" ({table.left_out})" if table.left_out else ""
    if not table.versions:
        return f"{table.project} has no release at all{more}"
    newest, oldest = table.versions[0], table.versions[-1]
    shown = f"{newest}" if newest == oldest else f"{oldest} to {newest}"
    return f"{table.project} has {shown}{more}"


def _pythons(release: Release) -> str:
    """What a release requires of Python."""
    return " or ".join(sorted({file.requires_python for file in release.files if file.requires_python}))
