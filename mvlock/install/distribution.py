"""The project as a distribution of its own environment, editable: what ``importlib.metadata`` and pip see of it.

What pyproject.toml says is taken as it is (PEP 621). A version, or entry points, that it leaves to a build backend
are the backend's answer (``own_version``); an unknown version is shown as 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from mvlock.base.pep508 import parse_version
from mvlock.errors import LocalError
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.model import Project
from mvlock.project.pep621 import table_in, texts_in, under_extra
from mvlock.store.model import WheelScript
from mvlock.store.scripts import parse_scripts

_UNKNOWN_VERSION = "0"
_COMMANDS = {"scripts": "console_scripts", "gui-scripts": "gui_scripts"}


class ProjectDistribution:
    """The distribution that a project's ``[project]`` table describes."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._table = table_in(parse_document(read_text(project.root / FILE_NAME)), "project")

    @property
    def info(self) -> str:
        """The name of its ``.dist-info`` folder."""
        return f"{canonicalize_name(self._project.name).replace('-', '_')}-{self._version}.dist-info"

    def files(self) -> dict[str, bytes]:
        """The files in that folder, without RECORD."""
        origin = {"url": self._project.root.as_uri(), "dir_info": {"editable": True}}
        files = {
            "METADATA": "".join(f"{line}\n" for line in self._metadata()).encode(),
            "INSTALLER": b"mvlock\n",
            "REQUESTED": b"",
            "direct_url.json": json.dumps(origin, sort_keys=True).encode(),
        }
        entry_points = self._entry_points()
        return files | ({"entry_points.txt": entry_points.encode()} if entry_points else {})

    def commands(self) -> tuple[WheelScript, ...]:
        """Its console and gui scripts, sorted by name.

        :raises LocalError: ``project-invalid`` if one is not allowed
        """
        try:
            return parse_scripts(text) if (text := self._entry_points()) else ()
        except ValueError as error:
            raise LocalError("project-invalid", f"{FILE_NAME}: project.scripts: {error}") from error

    @property
    def _version(self) -> str:
        try:
            return str(
                parse_version(str(self._project.dynamic_version or self._table.get("version", _UNKNOWN_VERSION)))
            )
        except InvalidVersion:
            return _UNKNOWN_VERSION

    def _metadata(self) -> Iterator[str]:
        yield from ("Metadata-Version: 2.1", f"Name: {self._project.name}", f"Version: {self._version}")
        if isinstance(self._table.get("description"), str):
            yield f"Summary: {_line(self._table['description'])}"
        if str(self._project.requires_python):
            yield f"Requires-Python: {self._project.requires_python}"
        yield from (f"Requires-Dist: {_line(text)}" for text in texts_in(self._table.get("dependencies")))
        for extra, texts in table_in(self._table, "optional-dependencies").items():
            yield f"Provides-Extra: {canonicalize_name(extra)}"
            yield from (f"Requires-Dist: {_line(under_extra(text, extra))}" for text in texts_in(texts))

    def _entry_points(self) -> str:
        if self._project.dynamic_entry_points is not None:
            return self._project.dynamic_entry_points
        groups = {group: table_in(self._table, key) for key, group in _COMMANDS.items()}
        groups |= {name: table_in(table_in(self._table, "entry-points"), name) for name in self._other_groups()}
        sections = [f"[{name}]\n{_rows(group)}" for name, group in sorted(groups.items()) if group]
        return "\n".join(sections)

    def _other_groups(self) -> list[str]:
        return [_line(name) for name in table_in(self._table, "entry-points") if name not in _COMMANDS.values()]


def _rows(group: Mapping[str, object]) -> str:
    return "".join(f"{_line(name)} = {_line(reference)}\n" for name, reference in sorted(group.items()))


def _line(value: object) -> str:
    """The value as text that stays on one line of a header file."""
    return " ".join(str(value).split())
