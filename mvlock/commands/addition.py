"""What ``mvlock add`` is asked to add: a requirement, or a path or URL whose project its metadata names."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name

from mvlock.errors import LocalError
from mvlock.project.fields import plain_requirement
from mvlock.project.model import GitSource, PathSource, UrlSource
from mvlock.project.sources import source_at, source_of_url
from mvlock.project.tree_names import tree_name
from mvlock.resolver.ports import DirectReference

_ARCHIVES = (".whl", ".tar.gz", ".zip")
_URL = re.compile(r"(git\+)?[a-z]+://")
_VERSION = re.compile(r"\d[\w.+!-]*")
_EXTRAS = re.compile(r"(?P<place>.+?)(?P<extras>\[[^\[\]/]*\])")
_REVISIONS = ("rev", "tag", "branch")


class Addition(msgspec.Struct, frozen=True):
    """One thing to add: a requirement (None: its name is not known yet), where it comes from, and its extras.

    ``source`` is None if the project comes from an index; ``index`` is the only one to use, if it is named.
    ``is_member``: it is a member of the workspace.
    """

    requirement: Requirement | None
    source: DirectReference | None = None
    extras: str = ""
    index: str | None = None
    is_member: bool = False

    @property
    def keys(self) -> Mapping[str, str | bool]:
        """The entry for ``[tool.mvlock.sources]``; empty if none is needed."""
        return {key: value for key, value in self._all_keys() if value}

    def _all_keys(self) -> Iterator[tuple[str, str | bool | None]]:
        source = self.source
        if isinstance(source, PathSource):
            yield from (("path", source.relative), ("editable", source.editable))
        elif isinstance(source, GitSource):
            yield from (("git", source.url), ("rev", source.rev), ("subdirectory", source.subdirectory))
        elif isinstance(source, UrlSource):
            fragment = f"#sha256={source.sha256}" if source.sha256 else ""
            yield from (("url", source.url + fragment), ("subdirectory", source.subdirectory))
        else:
            yield from (("index", self.index), ("workspace", self.is_member))


def read_additions(arguments: Namespace, root: Path) -> list[Addition]:
    """What a command line asks for; paths in it are relative to the current directory.

    :raises LocalError: ``requirement-invalid``, ``project-invalid``, ``usage``
    """
    folders = [path for path in arguments.editable if path]
    if not (arguments.requirements or folders or arguments.files):
        raise LocalError("usage", "add: nothing to add was given", hint="for example `mvlock add requests`")
    how = _Reading(root, editable="" in arguments.editable, keeps_urls=arguments.raw)
    found = [_read(text, how) for text in arguments.requirements]
    found += [_at_path(text, root, editable=True) for text in folders]
    _check_each_once([item.requirement for item in found if item.requirement is not None])
    return _from_index(_at_revision(found, arguments), arguments.index)


def _check_each_once(requirements: list[Requirement]) -> None:
    """Refuse two requirements that are for the same project and environments: the second would replace the first."""
    first: dict[tuple[str, str], Requirement] = {}
    for requirement in requirements:
        key = canonicalize_name(requirement.name), str(requirement.marker)
        other = first.setdefault(key, requirement)
        if other != requirement:
            name = tree_name(requirement.name)
            version = re.search(r"(0\.)*\d+", str(other.specifier))
            alias = f"{name}_{version[0].replace('.', '_') if version else 'other'}"
            raise LocalError(
                "usage",
                f"add: '{other}' and '{requirement}' are both for `import {name}`",
                hint=f"`mvlock add --alias {alias} '{other}'` gives that one another name, to import both",
            )


class _Reading(msgspec.Struct, frozen=True):
    """How to read words: paths from ``root``, as ``editable`` ones; ``keeps_urls``: requirements stay as written."""

    root: Path
    editable: bool
    keeps_urls: bool


def _read(text: str, how: _Reading) -> Addition:
    if _URL.match(text):
        place, extras = _divided(text)
        return Addition(None, source_of_url(how.root, _with_scheme(place), text), extras)
    if _is_path(text):
        return _at_path(text, how.root, editable=how.editable)
    requirement = read_requirement(text)
    if requirement.url is None or how.keeps_urls:
        return Addition(requirement)
    if _VERSION.fullmatch(requirement.url):
        wanted = f"{requirement.name}=={requirement.url}"
        raise LocalError("requirement-invalid", f"{text}: '{requirement.url}' is not a URL", hint=f"write {wanted}")
    source = source_of_url(how.root, requirement.url, text)
    requirement.url = None
    return Addition(requirement, source)


def read_requirement(text: str) -> Requirement:
    """A requirement (PEP 508).

    :raises LocalError: ``requirement-invalid``
    """
    try:
        return plain_requirement(text)
    except (InvalidRequirement, InvalidName) as error:
        reason = str(error).splitlines()[0]
        raise LocalError("requirement-invalid", f"'{text}' is not a requirement ({reason})") from error


def _is_path(text: str) -> bool:
    """Whether a word is meant as a path: a bare name never is, even if there is a folder of that name."""
    place, _ = _divided(text)
    return (
        place in {".", ".."}
        or place.startswith(("./", "../", "/", "~", f".{os.sep}", f"..{os.sep}"))
        or (place.endswith(_ARCHIVES) and "@" not in place)
        or (os.sep in place and Path(place).exists())
    )


def _at_path(text: str, root: Path, *, editable: bool) -> Addition:
    place, extras = (text, "") if Path(text).exists() else _divided(text)
    path = os.path.relpath(Path(place).expanduser(), root)
    return Addition(None, source_at(root, path, text, editable=editable), extras)


def _divided(text: str) -> tuple[str, str]:
    """A path or URL, and the extras in brackets at its end."""
    match = _EXTRAS.fullmatch(text)
    return (match["place"], match["extras"]) if match else (text, "")


def _with_scheme(url: str) -> str:
    """The URL; ``git+`` is understood where the path ends in ``.git``."""
    path = urlsplit(url).path.partition("@")[0]
    return f"git+{url}" if path.endswith(".git") and not url.startswith("git+") else url


def _at_revision(additions: list[Addition], arguments: Namespace) -> list[Addition]:
    """With the branch, tag or commit in the options, which is for all repositories on the command line."""
    revision = next((value for name in _REVISIONS if (value := getattr(arguments, name)) is not None), None)
    if revision is None:
        return additions
    if not any(isinstance(item.source, GitSource) for item in additions):
        raise LocalError("usage", "--rev, --tag and --branch need a git URL", hint="for example git+https://…")
    return [
        replace(item, source=replace(item.source, rev=revision)) if isinstance(item.source, GitSource) else item
        for item in additions
    ]


def _from_index(additions: list[Addition], index: str | None) -> list[Addition]:
    """With the index in the options, which is for everything that has no source."""
    if index is None:
        return additions
    if all(item.source is not None for item in additions):
        raise LocalError("usage", "--index goes with the name of a project")
    name = index.partition("=")[0]
    return [replace(item, index=name) if item.source is None else item for item in additions]
