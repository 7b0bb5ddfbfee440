"""Versions that the first lock prefers, as another tool has locked them: a file beside pyproject.toml, until then.

``mvlock init --from`` writes it. A lock that is there counts instead, and writing one removes the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.base import atomic
from mvlock.base.pep508 import parse_requirement
from mvlock.errors import LocalError
from mvlock.foreign.model import LockedVersion
from mvlock.project.model import Project

PREFERRED_FILE = "mv.preferred.txt"
_HEAD = "# Versions that the first `mvlock resolve` prefers; then mv.lock has them, and this file is removed.\n"


class PreferredVersion(msgspec.Struct, frozen=True):
    """A version to prefer where ``marker`` (None: everywhere) is true."""

    project: str
    version: Version
    marker: Marker | None = None


def write_preferred(folder: Path, versions: Iterable[LockedVersion]) -> None:
    """Write the versions, a line for each."""
    lines = [f"{one.name}=={one.version}{f' ; {one.marker}' if one.marker else ''}\n" for one in sorted(versions)]
    atomic.write(folder / PREFERRED_FILE, (_HEAD + "".join(lines)).encode())


def read_preferred(project: Project) -> tuple[PreferredVersion, ...]:
    """The versions to prefer in a project without a lock; none if there is no such file, or it is a script.

    :raises LocalError: ``foreign-invalid``
    """
    if project.is_script:
        return ()
    try:
        text = (project.root / PREFERRED_FILE).read_text("utf-8")
        return tuple(_versions(text))
    except FileNotFoundError:
        return ()
    except ValueError as error:
        reason = str(error).splitlines()[0]
        hint = "remove the file to lock the newest versions"
        raise LocalError("foreign-invalid", f"{PREFERRED_FILE} cannot be understood: {reason}", hint=hint) from error


def remove_preferred(project: Project) -> None:
    """Remove the file, for there is a lock beside it now."""
    if not project.is_script and project.own_home is None:
        (project.root / PREFERRED_FILE).unlink(missing_ok=True)


def _versions(text: str) -> Iterator[PreferredVersion]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            requirement = parse_requirement(line)
            pins = [one.version for one in requirement.specifier if one.operator == "=="]
            if len(pins) != 1:
                raise InvalidRequirement(f"'{line}' is not NAME==VERSION")
            yield PreferredVersion(canonicalize_name(requirement.name), Version(pins[0]), requirement.marker)
