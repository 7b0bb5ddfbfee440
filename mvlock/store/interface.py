"""What a distribution provides, and what it uses if available: import names, and the projects that it declares.

This decides whether trees can share it (``importmap.sharing``): it must find the same in all of them. Requirements
of all extras count, except extras for developing the distribution itself.

Many distributions import more than they declare. Such a name counts if it is always imported, by lines that run as
soon as the distribution is imported; or if it is often imported, by about one module in thirty: pyarrow uses pandas
in several places. What only a few, seldom imported modules use does not count: NumPy shows versions with
threadpoolctl, Django has a back end for jinja2. Lines are matched by a regular expression, not parsed: milliseconds
for the largest wheels.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import msgspec
from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from mvlock.base.extras import extras_in, is_development_extra
from mvlock.base.pep508 import parse_requirement
from mvlock.base.wheel_paths import import_names

# A module's name need not be an identifier to be importable: mypyc's begin with a digest, 85cae…__mypyc.
_IMPORTABLE = re.compile(r"(?P<stem>\w+)(\.[\w\-]+)*\.(py|pyc|so|pyd)")
_IMPORT = re.compile(rb"import[ \t]")
_TYPE_CHECKING = re.compile(rb"TYPE_CHECKING:")
_STATEMENT = re.compile(
    rb"([ \t]*)(?:from[ \t]+(\.*)([A-Za-z_][\w.]*)?[ \t]*import[ \t]+(\([^)]*\)|[^\n#;]*)|import[ \t]+([^\n#;]+))"
)
_TYPES_ONLY = re.compile(rb"([ \t]*)(?:el)?if [\w.]*TYPE_CHECKING:[^\n]*\n(?:\1[ \t]+[^\n]*\n|[ \t\r]*\n)+")
_LOOK_UP = re.compile(
    rb"""sys\.modules(?:\.get\(|\[)\s*["']([A-Za-z_]\w*)|["']([A-Za-z_]\w*)[\w.]*["']\s+(?:not\s+)?in\s+sys\.modules"""
)
_LOOK_UP_OF_VARIABLE = re.compile(rb"sys\.modules\.get\([A-Za-z_]")
_ARGUMENT = re.compile(rb"""[\w)]\(\s*["']([A-Za-z_]\w*)["']\s*[,)]""")
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_OFTEN_RATIO = 0.03
_FOR_TYPES = frozenset({"typing_extensions", "mypy_extensions", "_typeshed"})
"""Often imported optionally, and code behaves the same without them."""
_PROJECT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_TESTS = frozenset({"test", "tests"})


def declared_projects(requirements: Iterable[str]) -> tuple[str, ...]:
    """The projects in requirements (PEP 508, as in Requires-Dist), sorted; without those for developers.

    ``name``, or ``name; marker`` where only the environment decides.
    """
    return tuple(sorted({_declared(text) for text in requirements if not _is_for_development(text)} - {""}))


def _declared(requirement: str) -> str:
    project = _PROJECT.match(requirement)
    if project is None:
        return ""
    name = canonicalize_name(project[1])
    try:
        marker = parse_requirement(requirement).marker
    except InvalidRequirement:  # in old releases; what cannot be parsed counts
        return name
    return name if marker is None or "extra" in str(marker) else f"{name}; {marker}"


def _is_for_development(requirement: str) -> bool:
    extras = list(extras_in(requirement))
    return bool(extras) and all(map(is_development_extra, extras))


def is_runtime_code(path: str) -> bool:
    """Whether the member ``path`` of a wheel is Python code other than tests."""
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return name.endswith(".py") and _TESTS.isdisjoint(parts) and not name.startswith(("test_", "conftest."))


class _Module(msgspec.Struct, frozen=True):
    """What a module imports: dotted names at load time, top-level names at any time; and which names it looks up."""

    at_import: frozenset[str]
    anywhere: frozenset[str]
    looked_up: frozenset[str]


class Imports:
    """What the modules of a distribution import."""

    def __init__(self) -> None:
        self._modules: dict[str, _Module] = {}

    def add(self, path: str, source: bytes) -> None:
        """Add a module by its path in site-packages."""
        parts = path.removesuffix(".py").split("/")
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        package = module if is_package else module.rpartition(".")[0]
        found = [(indent, name) for indent, names in _lines(source, package) for name in names]
        self._modules[module] = _Module(
            frozenset(name for indent, name in found if not indent),
            frozenset(name.partition(".")[0] for _, name in found),
            frozenset(_looked_up(source)),
        )

    def names(self) -> tuple[str, ...]:
        """The foreign top-level names that are always or often imported, or looked up in ``sys.modules``; sorted.

        Code that looks up a library handles its objects if it has been loaded, and does not depend on it.
        """
        counted = Counter(name for module in self._modules.values() for name in module.anywhere)
        often = {name for name, count in counted.items() if count >= _OFTEN_RATIO * len(self._modules)} - _FOR_TYPES
        looked_up = {name for module in self._modules.values() for name in module.looked_up}
        return tuple(sorted((self._always_imported() | often | looked_up) - self._excluded()))

    def _excluded(self) -> set[str]:
        return {module.partition(".")[0] for module in self._modules} | sys.stdlib_module_names

    def _always_imported(self) -> set[str]:
        """What is imported by modules that are loaded with the distribution's outermost ones."""
        pending = [module for module in self._modules if self._modules.keys().isdisjoint(_parents(module))]
        reached, found = set(pending), set()
        while pending:
            for name in self._modules[pending.pop()].at_import:
                found.add(name.partition(".")[0])
                new = [parent for parent in _prefixes(name) if parent in self._modules and parent not in reached]
                reached.update(new)
                pending += new
        return found


def _looked_up(source: bytes) -> Iterator[str]:
    """Names that code looks up in ``sys.modules``: as literals there, or passed to a function near such a lookup."""
    if b"sys.modules" in source:
        for pattern in (_LOOK_UP, *([_ARGUMENT] if _LOOK_UP_OF_VARIABLE.search(source) else [])):
            yield from (match[match.lastindex or 0].decode() for match in pattern.finditer(source))


def _lines(source: bytes, package: str) -> Iterator[tuple[bytes, list[str]]]:
    """The indentation of each import statement, and the absolute names of everything in it that may be a module."""
    for indent, dots, base, members, plain in _statements(source.removeprefix(b"\xef\xbb\xbf")):
        if plain:
            yield indent, [found for part in plain.decode("ascii", "replace").split(",") for found in _first_name(part)]
            continue
        start = package.split(".") if dots else []
        above = ".".join(start[: len(start) - len(dots) + 1])
        full = ".".join(filter(None, (above, base.decode("ascii", "replace"))))
        if full:
            yield indent, [full, *(f"{full}.{name}" for name in _NAME.findall(members.decode("ascii", "replace")))]


def _statements(source: bytes) -> Iterator[tuple[bytes, ...]]:
    """What ``_STATEMENT`` matches, outside blocks for type checkers.

    Searching for a word is many times faster than searching for the start of a line.
    """
    if b"TYPE_CHECKING:" in source:
        source = _without_typing_blocks(source)
    end = -1
    for hint in _IMPORT.finditer(source):
        line = source.rfind(b"\n", 0, hint.start()) + 1
        statement = _STATEMENT.match(source, line) if line >= end else None
        if statement:
            end = statement.end()
            yield tuple(group or b"" for group in statement.groups())


def _without_typing_blocks(source: bytes) -> bytes:
    kept, end = [], 0
    for hint in _TYPE_CHECKING.finditer(source):
        block = _TYPES_ONLY.match(source, source.rfind(b"\n", 0, hint.start()) + 1)
        if block and block.start() >= end:
            kept.append(source[end : block.start()])
            end = block.end()
    return b"".join([*kept, source[end:]])


def _first_name(text: str) -> list[str]:
    found = _NAME.match(text.strip())
    return [found[0]] if found else []


def _parents(name: str) -> Iterator[str]:
    return _prefixes(name.rpartition(".")[0])


def _prefixes(name: str) -> Iterator[str]:
    """``a.b.c``: ``a``, ``a.b``, ``a.b.c``."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def provided_names(paths: Iterable[str]) -> tuple[str, ...]:
    """The names that files in site-packages make importable, sorted: modules, packages, namespaces."""
    return tuple(sorted(set(_names(paths))))


def namespace_names(paths: Iterable[str]) -> tuple[str, ...]:
    """The dotted names at which the namespaces (PEP 420) of files in site-packages end, sorted."""
    return tuple(name for name in import_names(paths) if "." in name)


def _names(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        match = _IMPORTABLE.fullmatch(path.rpartition("/")[2])
        top, slash, _ = path.partition("/")
        if match and not slash:
            yield match["stem"]
        elif match and top.isidentifier() and top != "__pycache__":
            yield top
