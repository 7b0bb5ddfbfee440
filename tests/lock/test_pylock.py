"""A tree as pylock.toml has all that mv.lock has of its sources and files."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given

from mvlock.base.toml import tomllib
from mvlock.lock.fields import written_fields
from mvlock.lock.model import Lock, LockedPackage
from mvlock.lock.pylock import ExportContext, format_pylock
from tests.lock.strategies import locks

SURROUNDINGS = ExportContext(lambda package, file: f"https://index.example.invalid/{file.name}", lambda path: path)


def _keys(table: msgspec.Struct | None) -> set[str]:
    return {field.key for field, _ in written_fields(table)} if table else set()


def _of(package: LockedPackage) -> tuple[set[str], ...]:
    """The keys of each table of a distribution; a file has its address in addition."""
    files = [*package.wheels, *([package.sdist] if package.sdist else [])]
    origins = [_keys(package.vcs), _keys(package.directory), _keys(package.archive)]
    return (*origins, *(_keys(file) | {"url"} for file in files))


def _read(package: dict[str, Any]) -> tuple[set[str], ...]:
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
    return tuple(set(table) for table in [*(package.get(key, {}) for key in ("vcs", "directory", "archive")), *files])


@given(locks())
def test_whatever_is_not_from_an_index_has_an_origin_of_the_standard(lock: Lock) -> None:
    """PEP 751: exactly one of these; an origin that only mv.lock has must be written as one of them."""
    from_index = [package.index is not None for package in lock.packages]
    for tree in lock.trees:
        read = tomllib.loads(format_pylock(lock, [tree], SURROUNDINGS))["packages"]
        counts = [len({"vcs", "directory", "archive"} & package.keys()) for package in read]
        assert counts == [0 if is_from_index else 1 for is_from_index in from_index]


@given(locks())
def test_nothing_that_is_known_of_an_origin_or_a_file_is_left_out(lock: Lock) -> None:
    for tree in lock.trees:
        read = tomllib.loads(format_pylock(lock, [tree], SURROUNDINGS))["packages"]
        assert [_read(package) for package in read] == [_of(package) for package in lock.packages]
