"""The versions of a pair that have wheels on the index for a Python on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, product, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from packaging.requirements import Requirement
from packaging.tags import Tag, parse_tag
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mvlock.index.client import open_index
from mvlock.index.model import IndexFile, PackageIndex
from mvlock.progress import SilentReporter
from mvlock.project.load import load_project
from mvlock.resolver.target import machine_target
from tests.compat.pairs import Pair

_MAX_PAIRS = 8
"""How many pairs of versions are tried."""


class WheelSource(Protocol):
    """A source of wheels."""

    def versions(self, name: str) -> list[Version]:
        """The final versions of a project that have a wheel, oldest first."""


class IndexWheels:
    """The wheels on an index for Python ``X.Y`` on this machine."""

    def __init__(self, index: PackageIndex, version: str) -> None:
        self._index = index
        self._tags = frozenset(one for text in machine_target(version).tags for one in parse_tag(text))

    def versions(self, name: str) -> list[Version]:
        """See ``WheelSource``.

        :raises MvlockError: the index cannot be reached
        """
        page = self._index.page(canonicalize_name(name))
        found = {version for file in (page.files if page else ()) if (version := self._version(file)) is not None}
        return sorted(found)

    def _version(self, file: IndexFile) -> Version | None:
        if file.kind != "wheel" or file.yanked is not None or self._tags.isdisjoint(_tags(file.filename)):
            return None
        try:
            version = Version(file.version)
        except InvalidVersion:
            return None
        return None if version.is_prerelease else version


@contextmanager
def index_wheels(cache: Path, version: str) -> Iterator[IndexWheels]:
    """The wheels of the index that mvlock uses where a project names none."""
    with TemporaryDirectory() as folder:
        text = '[project]\nname = "wheels"\nversion = "1.0"\nrequires-python = ">=3.10"\ndependencies = []\n'
        Path(folder, "pyproject.toml").write_text(text, "utf-8")
        with open_index(load_project(Path(folder)), cache=cache, reporter=SilentReporter()) as index:
            yield IndexWheels(index, version)


def candidate_pairs(pair: Pair, wheels: WheelSource) -> list[Pair]:
    """Pairs of versions that have wheels, the most likely to work first: the recorded one, then those far apart.

    Whether one works with the rest of its tree, and on that Python at all, is found by running it.
    """
    name = Requirement(pair.old).name
    available, old, new = wheels.versions(name), _pinned(pair.old), _pinned(pair.new)
    news = [one for one in dict.fromkeys([new, *available[-1:]]) if one in available]
    columns = ([(one, other) for other in _older(available, one, old)] for one in news)
    found = dict.fromkeys(filter(None, chain.from_iterable(zip_longest(*columns))))
    return [_changed(pair, name, one, other, wheels) for one, other in found][:_MAX_PAIRS]


def _older(available: list[Version], new: Version, recorded: Version) -> Iterator[Version]:
    """Versions before ``new``: the recorded one, the last ones of the series before, some of its own."""
    before = [one for one in available if one < new]
    yield from (one for one in before if one == recorded)
    for length in (1, 2):
        yield from [one for one in before if one.release[:length] != new.release[:length]][-1:]
    own = [one for one in before if one.release[:2] == new.release[:2]]
    yield from (own[place] for place in (0, len(own) // 2, -1) if own)


def _changed(pair: Pair, name: str, new: Version, old: Version, wheels: WheelSource) -> Pair:
    pins = {"old": f"{name}=={old}", "new": f"{name}=={new}"}
    changes: dict[str, object] = {side: pin for side, pin in pins.items() if pin != getattr(pair, side)}
    for field in ("extra_reqs", "extra_old", "extra_new"):
        changes[field] = tuple(_without_missing_pins(getattr(pair, field), wheels))
    return pair.with_changes(changes)


def _without_missing_pins(pins: Iterable[str], wheels: WheelSource) -> Iterator[str]:
    """Pins, without a version where it has no wheel."""
    for pin in pins:
        name = Requirement(pin).name
        yield pin if _pinned(pin) in wheels.versions(name) else name


def _pinned(requirement: str) -> Version:
    return Version(next(iter(Requirement(requirement).specifier)).version)


def _tags(filename: str) -> frozenset[Tag]:
    """The tags of a wheel's name: the last three parts (PEP 427)."""
    parts = filename.removesuffix(".whl").split("-")[-3:]
    return frozenset(Tag(*tag) for tag in product(*(part.split(".") for part in parts)))
