"""What a distribution provides and what it would use if it is there: import names, and the projects it declares.

That decides whether trees can share it (``importmap.sharing``): it must find the same in all of them. Requirements
count whatever their marker and extra, but for extras that only those ask for who work on the distribution itself.
Beyond them only imports count that a module cannot do without, which stand at the beginning of a line: an optional one
is in a ``try`` or in a function.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

# A module's name need not be an identifier to be imported: mypyc's begin with a digest, 85cae…__mypyc.
_IMPORTABLE = re.compile(r"(?P<stem>\w+)(\.[\w\-]+)*\.(py|pyc|so|pyd)")
_IMPORT = re.compile(rb"^(?:import|from)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_PROJECT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_OF_DEVELOPERS = re.compile(
    r"(dev(el|elop|elopment)?|tests?|testing|docs?|documentation|lint(ing)?|types?|typing|mypy|checks?|cov(er|erage)?"
    r"|bench(marks?)?|enabler|ci|tox|nox)(-.*)?"
)
"""Extras that nobody asks for but those who work on the distribution."""
_TESTS = frozenset({"test", "tests"})


def declared_projects(requirements: Iterable[str]) -> tuple[str, ...]:
    """The normalised names in requirements (PEP 508, as in Requires-Dist), sorted; those of developers left out."""
    found = (_PROJECT.match(text) for text in requirements if not _is_of_developers(text))
    return tuple(sorted({canonicalize_name(match[1]) for match in found if match}))


def _is_of_developers(requirement: str) -> bool:
    extras = [canonicalize_name(name) for name in _EXTRA.findall(requirement)]
    return bool(extras) and all(_OF_DEVELOPERS.fullmatch(extra) for extra in extras)


def is_for_use(path: str) -> bool:
    """Whether the member ``path`` of a wheel is Python code that is not only there to test the rest."""
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return name.endswith(".py") and _TESTS.isdisjoint(parts) and not name.startswith(("test_", "conftest."))


def imported_names(source: bytes) -> set[str]:
    """Top-level names that ``source`` imports as soon as it is loaded, those of the standard library left out."""
    return {match[1].decode("ascii", "replace") for match in _IMPORT.finditer(source)} - sys.stdlib_module_names


def provided_names(paths: Iterable[str]) -> tuple[str, ...]:
    """The names that files in site-packages make importable, sorted: modules, packages, namespaces."""
    return tuple(sorted(set(_names(paths))))


def _names(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        match = _IMPORTABLE.fullmatch(path.rpartition("/")[2])
        top, slash, _ = path.partition("/")
        if match and not slash:
            yield match["stem"]
        elif match and top.isidentifier() and top != "__pycache__":
            yield top
