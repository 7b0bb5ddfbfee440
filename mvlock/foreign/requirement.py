"""Requirements and URLs of other tools in the shape that mvlock has for them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from mvlock.base.bounded import read_bounded
from mvlock.base.limits import LONGEST_NAME
from mvlock.base.toml import parse_toml
from mvlock.foreign.model import (
    ForeignIndex,
    ForeignProject,
    ForeignRequirement,
    ForeignSource,
    Omission,
    Place,
    combined,
    left_out,
)

_SCP = re.compile(r"(?:git\+)?(?:ssh://)?(?P<user>[\w.-]+@[\w.-]+):(?P<path>(?!\d+/)[^/].*)")
"""``git@host:path``, which is no URL."""


def requirement(
    name: str, specifier: str = "", extras: Iterable[str] = (), marker: Marker | str | None = None
) -> Requirement:
    """A requirement from its parts, names normalised.

    :raises ValueError: a part is not valid
    """
    found = Requirement(canonicalize_name(name, validate=True))
    found.extras = {canonicalize_name(extra) for extra in extras}
    found.specifier = SpecifierSet(specifier)
    found.marker = Marker(str(marker)) if marker else None
    return found


def both(*markers: Marker | str | None) -> Marker | None:
    """Where all of some markers are true; None: everywhere."""
    found = [Marker(str(marker)) for marker in markers if marker]
    return Marker(" and ".join(f"({marker})" for marker in found)) if len(found) > 1 else next(iter(found), None)


def requirement_part(text: str, place: Place, folder: Path, origin: str) -> ForeignProject:
    """A PEP 508 requirement as a part; a URL in it becomes a source. ``folder`` is where relative paths start.

    :raises ValueError: it is none
    """
    try:
        written = Requirement(text)
    except InvalidRequirement as error:
        raise InvalidRequirement(f"'{text}' is not a requirement: {str(error).splitlines()[0]}") from error
    found = ForeignRequirement(
        requirement(written.name, str(written.specifier), written.extras, written.marker), place, origin
    )
    sources = {found.requirement.name: source_of_url(written.url, folder)} if written.url else {}
    return ForeignProject(requirements=(found,), sources=sources)


def default_groups(at: str, tool: str, groups: Iterable[str]) -> Iterator[ForeignProject]:
    """What to do about groups that a tool installs by default, although they are not ``dev``."""
    others = [group for group in groups if group != "dev"]
    if others:
        options = " ".join(f"--group {name}" for name in others)
        yield left_out(
            f"{at}: default groups {', '.join(others)}",
            f"{tool} installs them by default, mvlock only dev; use {options}",
        )


def bound_part(text: str, key: str, folder: Path, origin: str) -> ForeignProject:
    """A constraint or override, as an item of the list ``key`` of ``[tool.mvlock]``. A URL in it becomes a source.

    It has no extras: what requires the project says which it needs.

    :raises ValueError: it is none
    """
    part = requirement_part(text, Place(), folder, origin)
    found = part.requirements[0].requirement
    bound = requirement(found.name, str(found.specifier), marker=found.marker)
    says_nothing = key != "overrides" and not found.specifier
    return ForeignProject(settings={} if says_nothing else {key: [str(bound)]}, sources=part.sources)


def source_of_url(url: str, folder: Path) -> ForeignSource:
    """The source that a direct reference names (PEP 440): ``git+https://…@rev#subdirectory=…``, a file, an archive."""
    expanded = url.replace("${PROJECT_ROOT}", folder.as_posix())
    address = urlsplit(expanded)
    fragment = dict(part.partition("=")[::2] for part in address.fragment.split("&"))
    plain = expanded.partition("#")[0]
    if address.scheme == "file":
        return path_source(unquote(address.path), folder)
    if address.scheme.startswith("git+") or _SCP.fullmatch(plain):
        repository, rev = split_revision(plain.removeprefix("git+"))
        return ForeignSource(git=repository, rev=rev, subdirectory=fragment.get("subdirectory"))
    hashed = f"{plain}#sha256={fragment['sha256']}" if "sha256" in fragment else plain
    return ForeignSource(url=hashed, subdirectory=fragment.get("subdirectory"))


def one_source(name: str, choices: Sequence[tuple[str, ForeignSource]], folder: Path, at: str) -> ForeignProject:
    """The source of a project, each with its condition (""; everywhere). Those that differ are left for people."""
    if len(choices) == 1 and not choices[0][0]:
        return ForeignProject(sources={name: choices[0][1]})
    choices = [(condition or "everywhere", choice) for condition, choice in choices]
    lines = " or ".join(f"{choice.line(name, folder)} ({condition})" for condition, choice in choices)
    why = f"a source of mvlock applies everywhere: write one into [tool.mvlock.sources], {lines}"
    return ForeignProject(sources={name: ForeignSource(choices=tuple(choices))}, left_out=(Omission(at, why),))


def split_revision(url: str) -> tuple[str, str | None]:
    """A repository and the revision after the last ``@`` of its path."""
    start = url.find("://") + 3 if "://" in url else 0
    slash = url.find("/" if start else ":", start)
    head, separator, rev = url[slash:].rpartition("@")
    return (url[:slash] + head, rev) if separator and slash >= 0 else (url, None)


def path_source(text: str, folder: Path, *, editable: bool = False) -> ForeignSource:
    """A folder or archive on this machine; only folders can be editable.

    :raises ValueError: no file can be called like this
    """
    path = Path(os.path.normpath(folder / text))
    try:
        is_archive = path.is_file()
    except OSError as error:
        raise ValueError(f"{text[:LONGEST_NAME]!r} cannot be a path: {error.strerror}") from error
    return ForeignSource(path=str(path), editable=editable and not is_archive)


def name_at(source: ForeignSource) -> str | None:
    """The name of the project at a path or URL, as far as it can be known without a build."""
    where = source.path or urlsplit(source.url or "").path
    if source.path is not None and Path(source.path).is_dir():
        return _name_in(Path(source.path))
    return _name_of_archive(unquote(Path(where).name)) if where else None


def _name_of_archive(file: str) -> str | None:
    try:
        return parse_wheel_filename(file)[0] if file.endswith(".whl") else parse_sdist_filename(file)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def _name_in(folder: Path) -> str | None:
    """What the pyproject.toml or setup.cfg of a folder calls its project."""
    try:
        document = parse_toml(read_bounded(folder / "pyproject.toml").decode("utf-8"))
    except (OSError, ValueError):
        document = {}
    for table in (document.get("project"), document.get("tool", {}).get("poetry")):
        if isinstance(table, Mapping) and isinstance(table.get("name"), str):
            return str(table["name"])
    return _name_in_setup_cfg(folder / "setup.cfg")


def _name_in_setup_cfg(file: Path) -> str | None:
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None)
    try:
        parser.read(file, encoding="utf-8")
        return parser.get("metadata", "name", fallback=None)
    except (Error, ValueError):
        return None


def index_part(
    name: str | None, url: str, folder: Path, *, default: bool = False, explicit: bool = False, format_: str = "simple"
) -> ForeignProject:
    """An index as a part; a path is relative to ``folder``. Credentials are left out: pyproject.toml is committed."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https"):
        return _folder_part(name, url, folder, default=default, explicit=explicit, format_=format_)
    if not address.hostname:
        return left_out(f"index {_shown(url)}", "is not a URL")
    credentials, _, host = address.netloc.rpartition("@")
    index = _index(name, address._replace(netloc=host).geturl(), default=default, explicit=explicit, format_=format_)
    why = "they do not belong into pyproject.toml; put them into ~/.netrc"
    omissions = (Omission(f"the credentials for {host}", why),) if credentials else ()
    return ForeignProject(indexes=(index,), left_out=omissions)


def find_links_part(url: str, folder: Path, name: str | None = None) -> ForeignProject:
    """A page of links or a folder of files, which other tools search together with their indexes."""
    part = index_part(name, url, folder, format_="flat")
    if not part.indexes:
        return part
    if part.indexes[0].url.startswith("/") and not Path(part.indexes[0].url).exists():
        return left_out(f"find-links {_shown(url)}", "there is no such folder")
    why = "an index that is asked first: a project that it has comes from nowhere else"
    return combined([part, left_out(f"find-links {_shown(url)}", why)])


def _shown(url: str) -> str:
    """The URL without credentials."""
    return re.sub(r"//[^/]*@", "//", url)


def _folder_part(name: str | None, url: str, folder: Path, **keys: Any) -> ForeignProject:
    if "://" in url and not url.startswith("file://"):
        return left_out(f"index {_shown(url)}", "only http, https and file indexes are read")
    path = path_source(unquote(urlsplit(url).path) if url.startswith("file:") else url, folder).path
    return ForeignProject(indexes=(_index(name, str(path), **keys),))


def _index(name: str | None, url: str, *, default: bool, explicit: bool, format_: str) -> ForeignIndex:
    called = index_name(name, url)
    replaces = default or called.lower() == "pypi"
    is_flat_page = format_ == "flat" and not Path(url).is_dir()
    return ForeignIndex(called, url, replaces, explicit and not replaces, "flat" if is_flat_page else "simple")


def index_name(name: str | None, url: str) -> str:
    """The name of an index, made from its host or folder if it has none."""
    text = name or urlsplit(url).hostname or Path(url).name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._") or "index"
