"""Where projects come from: ``[tool.mvlock.sources]``, direct references, and the indexes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.base.outside import is_inside, is_path, is_repository, is_web_url
from mvlock.project.declaration import Declaration
from mvlock.project.index_address import INDEX_FORMS, index_address
from mvlock.project.model import GitSource, IndexSource, NamedIndexSource, PathSource, Source, UrlSource
from mvlock.project.problem import Problems, did_you_mean, key_path
from mvlock.project.workspace import Workspace

if TYPE_CHECKING:
    from mvlock.project.settings import IndexTable, MvlockTable, SourceTable

_ARCHIVES = (".whl", ".tar.gz", ".zip")
_PYPI = "pypi"


def read_indexes(root: Path, tables: Iterable[IndexTable], problems: Problems) -> tuple[IndexSource, ...]:
    """The configured indexes in order."""
    indexes: list[IndexSource] = []
    for number, table in enumerate(tables):
        at = key_path(["tool", "mvlock", "index", number])
        _check_index(table, indexes, at, problems)
        url = index_address(table.url, root, table.format)
        if url is None:
            problems.add("url-invalid", f"{at}.url", f"'{table.url.rpartition('@')[2]}' is not {INDEX_FORMS}")
        indexes.append(IndexSource(table.name, url or "", table.default, table.explicit, table.format))
    return tuple(indexes)


def _check_index(table: IndexTable, earlier: list[IndexSource], at: str, problems: Problems) -> None:
    if table.name.lower() in [index.name.lower() for index in earlier]:
        problems.add("name-clash", f"{at}.name", f"a second index has the name '{table.name}'")
    if table.name.lower() == _PYPI and not table.default:
        text = f"'{table.name}' is the name of the default index; 'default = true' replaces it"
        problems.add("name-clash", f"{at}.name", text)
    if table.default and any(index.default for index in earlier):
        problems.add("index-defaults", f"{at}.default", "a second default index")
    if table.default and table.explicit:
        problems.add("index-defaults", f"{at}.explicit", "the default index cannot be explicit")


def read_sources(
    settings: MvlockTable, references: Iterable[Declaration], reader: SourceReader, problems: Problems
) -> dict[NormalizedName, Source]:
    """The source of every project that has one.

    Of ``references`` those with a URL (PEP 508 ``name @ url``) are sources.
    A source applies to the whole project: in every tree, even where only a dependency requires it.
    """
    sources: dict[NormalizedName, Source] = {}
    for name, table in settings.sources.items():
        at = key_path(["tool", "mvlock", "sources", name])
        found = reader.read(name, table, ProblemLocation(at, problems))
        if canonicalize_name(name) in sources:
            problems.add("name-clash", at, f"a second source for '{canonicalize_name(name)}'")
        if found is not None:
            sources[canonicalize_name(name)] = found
    for declaration in references:
        location = ProblemLocation(str(declaration.origin), problems)
        _add_reference(reader.root, sources, declaration.requirement, location)
    return dict(sorted(sources.items()))


class ProblemLocation:
    """A key path to which problems are attributed."""

    def __init__(self, at: str, problems: Problems) -> None:
        self.at = at
        self._problems = problems

    def add_problem(self, code: str, text: str, key: str = "") -> None:
        """Add a problem with what is there, or with a key of it."""
        self._problems.add(code, f"{self.at}.{key}" if key else self.at, text)


class SourceReader(msgspec.Struct, frozen=True):
    """Reads rows of ``[tool.mvlock.sources]`` of the file in ``folder``, for the project in ``root``."""

    root: Path
    folder: Path
    indexes: frozenset[str]
    workspace: Workspace | None = None

    @classmethod
    def of(cls, root: Path, settings: MvlockTable, workspace: Workspace | None) -> SourceReader:
        """For a project's own file."""
        return cls(root, root, frozenset({*(index.name for index in settings.index), _PYPI}), workspace)

    def read(self, name: str, table: SourceTable, location: ProblemLocation) -> Source | None:
        """The source that a row says; None, after a problem, if it says none."""
        if table.workspace:
            return self._member(name, editable=table.editable is not False, location=location)
        if table.path is not None:
            text = os.path.relpath(self.folder / table.path, self.root) if self.folder != self.root else table.path
            return _path_source(self.root, text, bool(table.editable), location)
        if table.git is not None:
            return _git_source(GitSource(table.git.removeprefix("git+"), table.rev, table.subdirectory), location)
        if table.url is not None:
            return _url_source(table.url, table.subdirectory, location)
        if table.index is not None and table.index not in self.indexes:
            who = "there is" if self.folder == self.root else "the project that uses this one has"
            text = f"{who} no index '{table.index}'{did_you_mean(table.index, self.indexes)}"
            location.add_problem("index-missing", text, "index")
        return NamedIndexSource(table.index or "")

    def _member(self, name: str, *, editable: bool, location: ProblemLocation) -> PathSource | None:
        if self.workspace is None:
            text = "this project is in no workspace: no pyproject.toml above names its folder in tool.mvlock.workspace"
            location.add_problem("workspace-missing", text)
            return None
        folder = self.workspace.members.get(canonicalize_name(name))
        if folder is None:
            text = f"the workspace has no member '{name}'{self.workspace.names(near=name)}"
            location.add_problem("member-unknown", text)
            return None
        return _path_source(self.root, os.path.relpath(folder, self.root), editable, location)


def _path_source(root: Path, text: str, editable: bool, location: ProblemLocation) -> PathSource | None:
    if not is_path(text):
        location.add_problem("path-invalid", f"{text!r} is not a path")
        return None
    path = Path(os.path.normpath(root / text))
    relative = Path(os.path.relpath(path, root)).as_posix()
    if not path.exists():
        location.add_problem("path-missing", f"'{text}' does not exist")
    elif path.is_dir() and not any((path / name).is_file() for name in ("pyproject.toml", "setup.py")):
        location.add_problem("path-invalid", f"'{text}' contains neither pyproject.toml nor setup.py")
    elif path.is_file() and not path.name.endswith(_ARCHIVES):
        location.add_problem("path-invalid", f"'{text}' is not a folder, wheel or sdist")
    elif path.is_file() and editable:
        location.add_problem("path-invalid", f"'{text}' is an archive and cannot be editable")
    elif path == root:
        location.add_problem("path-invalid", f"'{text}' is the project itself")
    else:
        return PathSource(path, relative, editable)
    return None


def _url_source(url: str, subdirectory: str | None, location: ProblemLocation) -> UrlSource | None:
    if not is_web_url(url):
        location.add_problem("url-invalid", f"{url!r} is not an http or https URL")
        return None
    address = urlsplit(url)
    keys = _fragment(address.fragment)
    sha256 = keys.get("sha256")
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        location.add_problem("url-invalid", f"'{sha256}' is not a SHA-256")
    url_without_fragment = address._replace(fragment="").geturl()
    folder = _subdirectory(subdirectory or keys.get("subdirectory"), location)
    return UrlSource(url_without_fragment, sha256 and sha256.lower(), folder)


def _subdirectory(folder: str | None, location: ProblemLocation) -> str | None:
    if folder is not None and not is_inside(folder):
        location.add_problem("path-invalid", f"{folder!r} is not a folder of the source")
    return folder


def _fragment(text: str) -> dict[str, str]:
    return {key: value for key, _, value in (part.partition("=") for part in text.split("&")) if value}


def _add_reference(
    root: Path, sources: dict[NormalizedName, Source], requirement: Requirement, location: ProblemLocation
) -> None:
    if not requirement.url:
        return
    name = canonicalize_name(requirement.name)
    found = _from_reference(root, requirement.url, location)
    if found is None:
        return
    if sources.setdefault(name, found) != found:
        location.add_problem("source-clash", f"'{name}' already has another source")


def source_of_url(root: Path, url: str, origin: str) -> PathSource | GitSource | UrlSource:
    """The source that the URL of a direct reference names (PEP 440); ``origin`` is its place, for messages.

    :raises LocalError: ``project-invalid``
    """
    problems = Problems(origin)
    return _checked(_from_reference(root, url, ProblemLocation("", problems)), problems)


def source_at(root: Path, path: str, origin: str, *, editable: bool) -> PathSource | GitSource | UrlSource:
    """The source at a path, which is absolute or relative to ``root``; ``origin`` as in ``source_of_url``.

    :raises LocalError: ``project-invalid``
    """
    problems = Problems(origin)
    return _checked(_path_source(root, path, editable, ProblemLocation("", problems)), problems)


def _checked(source: Source | None, problems: Problems) -> PathSource | GitSource | UrlSource:
    problems.raise_if_any()
    if source is None or isinstance(source, NamedIndexSource):
        raise TypeError("a direct reference cannot name an index")
    return source


def _from_reference(root: Path, url: str, location: ProblemLocation) -> Source | None:
    if not is_repository(url):  # what git takes is the most that any source takes
        location.add_problem("url-invalid", f"{url!r} is not a URL")
        return None
    address = urlsplit(url)
    if address.scheme == "file":
        if address.netloc not in ("", "localhost"):
            location.add_problem("url-invalid", f"'{url}': file URLs with a host are not supported")
            return None
        return _path_source(root, unquote(address.path), False, location)
    if address.scheme.startswith("git+"):
        return _git_source(_git_reference(url), location)
    return _url_source(url, None, location)


def _git_source(source: GitSource, location: ProblemLocation) -> GitSource | None:
    if not is_repository(source.url):
        location.add_problem("url-invalid", f"{source.url!r} is not a repository")
        return None
    if source.rev is not None and (not source.rev.isprintable() or source.rev.startswith("-")):
        location.add_problem("url-invalid", f"{source.rev!r} is not a revision")
    _subdirectory(source.subdirectory, location)
    return source


def _git_reference(url: str) -> GitSource:
    """``git+https://host/repository@rev#subdirectory=folder`` (PEP 440, direct references)."""
    address = urlsplit(url.removeprefix("git+"))
    path, _, rev = address.path.partition("@")
    url_without_fragment = address._replace(path=path, fragment="").geturl()
    return GitSource(url_without_fragment, rev or None, _fragment(address.fragment).get("subdirectory"))
