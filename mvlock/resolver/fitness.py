"""Why a release cannot be used on a target, whatever anybody needs: each kind of reason its own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mvlock.codes import Code
from mvlock.project.model import Prereleases
from mvlock.resolver.catalogue import Catalogue, Unusable
from mvlock.resolver.fact import Unfit
from mvlock.resolver.need import Need
from mvlock.resolver.question import Own, Question
from mvlock.resolver.release import Release, ReleaseTable, bits, where_python, where_release

_LEFT_OUT: Mapping[str, tuple[Code, str]] = {
    "newer": ("too-new", "was uploaded after exclude-newer"),
    "undated": ("upload-time-missing", "has no upload time on its index, and exclude-newer is set"),
    "hash": ("hash-missing", "has no sha256 on its index"),
    "build": ("build-off", "is an sdist only and no-build is set"),
}


class Fitness:
    """Judges releases for one question."""

    def __init__(self, catalogue: Catalogue, question: Question) -> None:
        self._catalogue = catalogue
        self._question = question
        self._own = Own(question.terms, catalogue)

    def unfit(self, table: ReleaseTable) -> Iterator[tuple[Unfit, int]]:
        """The releases of a table that cannot be used, by reason, with the set of them."""
        found: dict[tuple[Code, str], int] = {}
        for number in bits(table.all):
            reason = self._reason(table, number)
            if reason is not None:
                found[reason] = found.get(reason, 0) | 1 << number
        for (code, text), mask in found.items():
            yield Unfit(code, table.project, tuple(table.versions[n] for n in bits(mask)), text), mask

    def refused(self, release: Release) -> Unfit | None:
        """Why a release cannot be used once its metadata is read."""
        metadata = self._catalogue.metadata(release)
        if isinstance(metadata, Unusable):
            return Unfit(metadata.code, release.project, (release.version,), f"cannot be used: {metadata.text}")
        wanted = metadata.requires_python
        table = self._catalogue.table(release.project)
        number = table.numbered(release.version)
        capped = number is None or not self._is_asked_for(table, number)
        if wanted is None or self._here(self._catalogue.grid.where_python(str(wanted), capped=capped)):
            return None
        return Unfit("python-mismatch", release.project, (release.version,), f"needs Python {wanted}")

    def unmet(self, need: Need) -> Unfit | None:
        """Why no release at all is in the range of a need."""
        if self._catalogue.is_missing(need.name):
            return Unfit("project-missing", need.name, (), f"no index has a project {need.name}")
        table = self._catalogue.table(need.name)
        if table.matching(need.specifier, need.text):
            return None
        return Unfit("no-version", need.name, (), f"there is no such version; {_available(table)}")

    def _reason(self, table: ReleaseTable, number: int) -> tuple[Code, str] | None:
        release = table.release(number)
        if release.left_out:
            return _LEFT_OUT[release.left_out]
        if release.yanked and not self._is_pinned(table, number):
            return "yanked-only", "is yanked"
        capped = not self._is_asked_for(table, number)
        if not self._here(where_python(release, self._catalogue.grid, capped=capped)):
            return "python-mismatch", f"needs Python {_pythons(release)}"
        if self._question.strict and not self._here(where_release(release, self._catalogue.grid, capped=capped)):
            target = self._catalogue.grid.targets[self._question.target].name
            return "no-file", f"has no wheel for {target} and no sdist"
        if table.prereleases >> number & 1 and self._question.terms.prereleases is Prereleases.DISALLOW:
            return "prerelease-only", "is a pre-release"
        return None

    def _is_pinned(self, table: ReleaseTable, number: int) -> bool:
        """Whether the project asks for this very version (PEP 592), or it is locked already."""
        if self._question.preferences.is_locked(table.project, table.versions[number]):
            return True
        return self._is_asked_for(table, number)

    def _is_asked_for(self, table: ReleaseTable, number: int) -> bool:
        return bool(self._own.pinned(table) >> number & 1)

    def _here(self, where: int) -> bool:
        return bool(where >> self._question.target & 1)


def _available(table: ReleaseTable) -> str:
    if not table.versions:
        return f"{table.project} has no release at all"
    newest, oldest = table.versions[0], table.versions[-1]
    return f"{table.project} has {newest}" if newest == oldest else f"{table.project} has {oldest} to {newest}"


def _pythons(release: Release) -> str:
    """What a release asks of Python."""
    return " or ".join(sorted({file.requires_python for file in release.files if file.requires_python}))
