"""What reads text from outside: project, lock, pages of an index, metadata, files of other tools, path files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mvlock.environment.layout import Layout, TreePlace
from mvlock.environment.pth import startup_of
from mvlock.foreign.reading import read_foreign
from mvlock.index.metadata import parse_metadata, read_metadata
from mvlock.index.model import ProjectPage
from mvlock.index.pages import JSON_TYPE, read_page
from mvlock.index.rows import PageOrigin, by_version, index_file
from mvlock.lock.lockfile import format_lock, parse_lock, read_lock
from mvlock.lock.requirements_file import format_requirements
from mvlock.plan.select import Selection, wanted_trees
from mvlock.project.digest import inputs_digest
from mvlock.project.load import load_project
from mvlock.resolver.release_filter import Rules, table_of
from mvlock.resolver.target import Target as Environment
from mvlock.resolver.target import machine_target
from mvlock.resolver.target_set import TargetMatrix

_ORIGIN = PageOrigin("local", canonicalize_name("a"), "https://example.invalid/simple/a/")


@cache
def _environment() -> Environment:
    return machine_target("3.11.4")


@cache
def _matrix() -> TargetMatrix:
    return TargetMatrix([_environment()])


def read_project(data: bytes, folder: Path) -> object:
    """pyproject.toml, and the digest of what it asks for."""
    (folder / "pyproject.toml").write_bytes(data)
    project = load_project(folder)
    return inputs_digest(project)


def read_lock_file(data: bytes, folder: Path) -> object:
    """mv.lock, what is installed of it, and its other forms; written again it is the same."""
    (folder / "mv.lock").write_bytes(data)
    lock = read_lock(folder / "mv.lock")
    if parse_lock(format_lock(lock)) != lock:
        raise AssertionError("the lock is another one when it is written and read again")
    for tree in lock.trees:
        format_requirements(lock, [tree], str)
    return wanted_trees(lock, _environment(), Selection())


def read_json_page(data: bytes, folder: Path) -> object:
    """A page of an index as JSON, up to its releases."""
    return _releases(data, JSON_TYPE)


def read_html_page(data: bytes, folder: Path) -> object:
    """The same as HTML."""
    return _releases(data, "text/html")


def _releases(data: bytes, content_type: str) -> object:
    read = read_page(data, content_type, _ORIGIN)
    origin = PageOrigin(_ORIGIN.index, _ORIGIN.project, read.base)
    found = by_version(read.rows, _ORIGIN.project, read.base)
    page = ProjectPage(
        _ORIGIN.project,
        "local",
        found,
        lambda version: tuple(index_file(row, version, origin) for row in found[version]),
        status=read.status,
    )
    table = table_of(_ORIGIN.project, page, Rules({}))
    releases = [table.release(number) for number in range(len(table.versions))]
    for file in page.files:
        _matrix().where_python(file.requires_python or "", capped=True)
        if file.kind == "wheel":
            _matrix().where_wheel(file.filename)
    return releases, table.matching(SpecifierSet(">=1"), ">=1")


def read_core_metadata(data: bytes, folder: Path) -> object:
    """Core metadata, up to its markers and specifiers."""
    metadata = parse_metadata(read_metadata(data, "a-1.0-py3-none-any.whl"), "a-1.0-py3-none-any.whl")
    for requirement in metadata.requires_dist:
        _matrix().where_marker(str(requirement.marker or "python_version > '3'"), "")
        requirement.specifier.contains("1.0")
    return metadata


def read_foreign_file(data: bytes, folder: Path) -> object:
    """A file of another tool; its name is the first line."""
    name, _, content = data.partition(b"\n")
    safe = Path(name.decode("ascii", "ignore").replace("\0", "")).name[:100]
    path = folder / (safe if safe.strip(". ") else "requirements.txt")
    path.write_bytes(content)
    return read_foreign(path)


def read_environment(data: bytes, folder: Path) -> object:
    """An installed environment: METADATA, direct_url.json, a ``.pth`` file, pyvenv.cfg, with ``%%`` between."""
    metadata, origin, path_file, settings = [*data.split(b"\n%%\n", 3), b"", b"", b""][:4]
    site = folder / "lib" / "python3.11" / "site-packages"
    info = site / "a-1.0.dist-info"
    info.mkdir(parents=True)
    for path, content in (("pyvenv.cfg", settings), (info / "METADATA", metadata), (info / "direct_url.json", origin)):
        (folder / path).write_bytes(content)
    return _startup(path_file, folder), read_foreign(folder)


def _startup(data: bytes, folder: Path) -> object:
    """What Python would execute when it starts."""
    layout = Layout("lib/python3.11/site-packages", "bin", "include", ("python",), minor=sys.version_info.minor)
    place = TreePlace(folder / "tree", folder, folder, layout)
    return list(startup_of({"a.pth": data, "b.start": data}, place))


def named(folder: Path, ending: str = "*") -> Callable[[], list[bytes]]:
    """Seeds: the content of the files in a folder and below it."""
    return lambda: [path.read_bytes() for path in sorted(folder.rglob(ending)) if path.is_file()]
