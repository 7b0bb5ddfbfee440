"""Keeps the network busy: walks the likely dependencies breadth first before anything is solved.

A solve requests one thing after the other. This guesses (the newest release each requirement allows by
itself, or the locked one) and requests a whole level of pages and metadata at a time. A wrong guess costs a
request. The metadata of what must be built is started as well, and not waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from packaging.version import Version

from mvlock.errors import MvlockError
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.need import Key, Need
from mvlock.resolver.release import Release, bits


def prefetch_dependencies(catalogue: Catalogue, needs: Iterable[Need], expected: Mapping[str, Version]) -> None:
    """Read ahead from ``needs``, expecting the versions ``expected``. Errors are left to the solve."""
    catalogue.prefetch(sorted(expected.keys()))  # type: ignore[arg-type]  # keys are normalised by the caller
    seen: set[Key] = set()
    level = list(needs)
    while level:
        new = [need for need in level if not seen.issuperset(need.keys)]
        catalogue.prefetch(dict.fromkeys(need.name for need in new))
        guesses = list(_guesses(catalogue, new, expected))
        catalogue.prefetch_metadata(dict.fromkeys(release for _, release in guesses))
        read = [(need, release) for need, release in guesses if release.wheels or release.source]
        level = [following for need, release in read for following in _following(catalogue, need, release, seen)]


def _guesses(
    catalogue: Catalogue, needs: Iterable[Need], expected: Mapping[str, Version]
) -> Iterator[tuple[Need, Release]]:
    for need in needs:
        with suppress(MvlockError):
            release = _guess(catalogue, need, expected.get(need.name))
            if release is not None:
                yield need, release


def _guess(catalogue: Catalogue, need: Need, expected: Version | None) -> Release | None:
    """The release a solve will probably choose."""
    table = catalogue.table(need.name)
    mask = table.matching(need.specifier, need.text)
    number = table.number_of(expected) if expected else None
    if number is None or not mask >> number & 1:
        final = mask & ~table.prereleases
        number = next(
            (number for number in bits(final or mask) if catalogue.where_release(table.release(number))), None
        )
    return None if number is None else table.release(number)


def _following(catalogue: Catalogue, need: Need, release: Release, seen: set[Key]) -> Iterator[Need]:
    for name, extra in need.keys:
        if (name, extra) not in seen:
            seen.add((name, extra))
            with suppress(MvlockError):
                yield from (dependency.need for dependency in catalogue.dependencies(release, extra))
