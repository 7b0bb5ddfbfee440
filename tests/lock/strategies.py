"""Made-up locks: every field of every model of the lock, by its type; here by hand is only what a value must be.

``locks()`` gives what ``parse_lock`` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import reduce
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace
from packaging.version import Version

from mvlock.lock.model import (
    LOCK_VERSION,
    Lock,
    LockedArchive,
    LockedConflict,
    LockedDirectory,
    LockedFile,
    LockedPackage,
    LockedSoft,
    LockedTree,
    LockedVcs,
    LockedWish,
    TreePackage,
)

Model = TypeVar("Model", bound=msgspec.Struct)
Strategy = st.SearchStrategy[Any]

INPUTS: Final = "sha256:" + "0" * 64
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES: Final = st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True)
MARKERS: Final = st.sampled_from(["os_name == 'nt'", 'python_version < "3.11"'])
REQUIREMENTS: Final = st.builds("{}; os_name == '{}'".format, NAMES, NAMES)
_DIGESTS, _COMMITS = (st.from_regex(rf"[0-9a-f]{{{length}}}", fullmatch=True) for length in (64, 40))
_OTHER_HASHES = st.dictionaries(st.sampled_from(["sha-512", "ä"]), TEXT)
_HASHES = st.builds(lambda digest, others: {"sha256": digest, **others}, _DIGESTS, _OTHER_HASHES)
_PATHS = st.from_regex(r'(\.\./|/)?[a-zé" ]{1,6}(/[a-z]{1,3})?', fullmatch=True)
_FOLDERS = st.none() | st.from_regex(r'[a-zé" ]{1,6}(/[a-z]{1,3})?', fullmatch=True)
_URLS = st.from_regex(r'https://[a-z]{1,5}(:[1-9]{1,4})?/[a-zé" ]{0,6}', fullmatch=True)
_ZONES = st.just(timezone(timedelta(hours=2)))
_BY_TYPE: Mapping[object, Strategy] = {
    str: TEXT,
    int: st.integers(0, 2**62),
    bool: st.booleans(),
    datetime: st.datetimes(min_value=datetime(1990, 1, 1), timezones=_ZONES),
    dict[str, str]: _HASHES,
    type(None): st.none(),
}


def tables(model: type[Model], **own: Strategy) -> st.SearchStrategy[Model]:
    """Tables of a model: every field of it by its type, but for those that are given."""
    others = {field.name: _of(field.type) for field in msgspec.structs.fields(model) if field.name not in own}
    return st.builds(model, **others, **own)


def _of(annotation: object) -> Strategy:
    if get_origin(annotation) is Annotated:
        return _of(get_args(annotation)[0])
    if annotation in _BY_TYPE:
        return _BY_TYPE[annotation]
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return tables(annotation)
    if get_origin(annotation) is tuple:
        return tuples(_of(get_args(annotation)[0]))
    return reduce(lambda left, right: left | right, map(_of, get_args(annotation)))


def tuples(items: Strategy, minimum: int = 0, maximum: int = 3) -> Strategy:
    """Tuples of a few items."""
    return st.lists(items, min_size=minimum, max_size=maximum).map(tuple)


_TAGS = st.from_regex(r"(-[1-9][a-z]{0,3})?-[a-z0-9._]{1,9}-[a-z]{1,4}-any\.whl", fullmatch=True)
_FILES = tables(LockedFile, name=_TAGS)
_VCS = tables(LockedVcs, type=st.just("git"), url=_URLS, commit_id=_COMMITS, subdirectory=_FOLDERS)
_ORIGINS = st.one_of(
    st.fixed_dictionaries({"index": TEXT, "wheels": tuples(_FILES, maximum=2), "sdist": st.none() | _FILES}),
    st.fixed_dictionaries({"vcs": _VCS}),
    st.fixed_dictionaries({"directory": tables(LockedDirectory, path=_PATHS)}),
    st.fixed_dictionaries({"archive": tables(LockedArchive, url=_URLS, path=st.none(), subdirectory=_FOLDERS)}),
    st.fixed_dictionaries({"archive": tables(LockedArchive, url=st.none(), path=_PATHS, subdirectory=_FOLDERS)}),
)
_NO_ORIGIN = dict.fromkeys(("index", "vcs", "directory", "archive", "sdist"), st.none()) | {"wheels": st.just(())}
_BARE = tables(LockedPackage, name=NAMES, version=st.sampled_from(["1.0", "2!3.1rc1"]), **_NO_ORIGIN)
PACKAGES = st.builds(lambda bare, origin: _from(bare, **origin), _BARE, _ORIGINS)
"""Distributions with one origin; files are those of an index, and bear the name and version of their project."""


def _from(package: LockedPackage, **origin: Any) -> LockedPackage:
    stem = f"{package.name}-{package.version}"
    return replace(package, **{key: _named(value, stem) for key, value in origin.items()})


def _named(value: object, stem: str) -> object:
    if isinstance(value, tuple):
        return tuple(_named(one, stem) for one in value)
    return replace(value, name=stem + value.name) if isinstance(value, LockedFile) else value


_MEMBERS = tables(TreePackage, dependencies=st.just(()), marker=st.none() | MARKERS)
_TREES = tables(
    LockedTree,
    name=NAMES,
    requires=tuples(REQUIREMENTS),
    wishes=tuples(tables(LockedWish, marker=st.none() | MARKERS)),
    conflicts=tuples(tables(LockedConflict, between=tuples(TEXT, 2))),
    soft=st.just(()),
    packages=st.just(()),
)
_HEADS = tables(
    Lock,
    lock_version=st.sampled_from([f"1.{minor}" for minor in range(Version(LOCK_VERSION).minor + 1)]),
    requires_python=st.sampled_from(["", ">=3.10", "<4,>=3.11"]),
    environments=tuples(MARKERS),
    inputs=st.just(INPUTS),
    trees=st.just(()),
    packages=st.just(()),
)


def _members(package: LockedPackage, names: Strategy) -> st.SearchStrategy[TreePackage]:
    own = {"name": package.name, "version": package.version}
    dependencies = tuples(names | st.builds("{}[{}]".format, names, NAMES))
    return st.builds(lambda one, found: replace(one, **own, dependencies=found), _MEMBERS, dependencies)


def _trees(packages: list[LockedPackage]) -> st.SearchStrategy[LockedTree]:
    """Trees that have all packages, some of them for the sake of others."""
    if not packages:
        return _TREES
    names = st.sampled_from([one.name for one in packages])
    soft = tuples(tables(LockedSoft, name=names, by=names, extras=tuples(TEXT, 1)))
    members = st.tuples(*(_members(one, names) for one in packages))
    return st.builds(lambda tree, *own: replace(tree, soft=own[0], packages=own[1]), _TREES, soft, members)


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    """Locks that say what can be."""
    packages = draw(st.lists(PACKAGES, max_size=4, unique_by=lambda package: package.name))
    trees = tuple(draw(st.lists(_trees(packages), max_size=2, unique_by=lambda tree: tree.name)))
    return replace(draw(_HEADS), trees=trees, packages=tuple(packages))
