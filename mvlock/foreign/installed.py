"""An installed environment (a folder with pyvenv.cfg): what nothing else in it requires, and all versions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.foreign.document import read_text, shaped, understood
from mvlock.foreign.model import (
    ForeignProject,
    ForeignRequirement,
    ForeignSource,
    LockedVersion,
    combined,
    left_out,
)
from mvlock.foreign.requirement import path_source, requirement, source_of_url

MARKER_FILE = "pyvenv.cfg"
_SEEDS = frozenset({"pip", "setuptools", "wheel", "distribute"})


def read_installed(folder: Path) -> ForeignProject:
    """What is installed in a virtual environment.

    :raises LocalError: ``file-unreadable``, ``foreign-invalid``
    """
    with understood(f"{folder.name}/{MARKER_FILE}"):
        python = _python(read_text(folder / MARKER_FILE))
        places = sorted({*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")})
        found = dict(_by_name(distributions(path=list(map(str, places)))))
        needed = {name: _requires(one, python) & found.keys() - {name} for name, one in found.items()}
        wanted = _top_level(needed)
        return combined(
            [
                ForeignProject(
                    files=(f"{folder.name} (installed)",), requires_python=f">={python}" if python else None
                ),
                *(_distribution(name, found[name], is_wanted=name in wanted, origin=folder.name) for name in found),
            ]
        )


def _python(text: str) -> str | None:
    """The minor version of the environment's Python."""
    settings = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in text.splitlines())}
    version = settings.get("version") or settings.get("version_info")
    release = Version(".".join(version.split(".")[:3])).release if version else ()
    return ".".join(map(str, release[:2])) or None


def _by_name(found: Iterable[Distribution]) -> Iterator[tuple[str, Distribution]]:
    """Every distribution but those with which an environment is created, sorted by name."""
    named = {canonicalize_name(str(one.metadata["Name"])): one for one in found if one.metadata["Name"]}
    return ((name, named[name]) for name in sorted(named.keys() - _SEEDS))


def _requires(distribution: Distribution, python: str | None) -> set[str]:
    environment: dict[str, str] = {**default_environment(), "extra": ""}  # type: ignore[dict-item]
    environment["python_version"] = python or environment["python_version"]
    names: set[str] = set()
    for text in distribution.requires or ():
        try:
            found = Requirement(text)
        except InvalidRequirement:
            continue
        if found.marker is None or "extra" in text or found.marker.evaluate(environment):
            names.add(canonicalize_name(found.name))
    return names


def _top_level(needed: Mapping[str, set[str]]) -> set[str]:
    """What nothing else requires; of those that only require each other, the first by name."""
    top = needed.keys() - set().union(*needed.values())
    reached: set[str] = set()
    for name in (*sorted(top), *sorted(needed)):
        if name not in reached:
            top.add(name)
            _reach(name, needed, reached)
    return top


def _reach(name: str, needed: Mapping[str, set[str]], reached: set[str]) -> None:
    pending = [name]
    while pending:
        one = pending.pop()
        if one not in reached:
            reached.add(one)
            pending += needed[one]


def _distribution(name: str, found: Distribution, *, is_wanted: bool, origin: str) -> ForeignProject:
    version = Version(found.version)
    source = _source(found)
    locked = () if source else (LockedVersion(name, str(version)),)
    if not is_wanted:
        notes = (
            [left_out(name, "installed from elsewhere, and only required by others; add a source")] if source else []
        )
        return combined([ForeignProject(locked=locked), *notes])
    needed = requirement(name, "" if source else f">={version.public}")
    return ForeignProject(
        requirements=(ForeignRequirement(needed, origin=origin),),
        sources={name: source} if source else {},
        locked=locked,
    )


def _source(found: Distribution) -> ForeignSource | None:
    """Where it was installed from, if from no index (PEP 610)."""
    text = found.read_text("direct_url.json")
    if text is None:
        return None
    record = shaped(json.loads(text), dict[str, object], "direct_url.json")
    url, vcs = shaped(record.get("url", ""), str, "url"), record.get("vcs_info")
    if isinstance(vcs, dict):
        rev = vcs.get("requested_revision") or vcs.get("commit_id")
        return ForeignSource(git=url, rev=str(rev) if rev else None, subdirectory=_text(record.get("subdirectory")))
    source = source_of_url(url, Path())
    details = record.get("dir_info")
    is_editable = isinstance(details, dict) and details.get("editable") is True
    return path_source(source.path, Path(), editable=is_editable) if source.path is not None else source


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
