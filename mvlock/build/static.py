"""What a source tree says about itself without a build: PEP 621 in pyproject.toml, PEP 643 in PKG-INFO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.version import InvalidVersion, Version

from mvlock.base.limits import LARGEST_TEXT
from mvlock.base.pep508 import parse_version
from mvlock.base.toml import parse_toml
from mvlock.errors import BadArtifact
from mvlock.index.metadata import KEPT_HEADERS, MetadataText, read_metadata
from mvlock.project.pep621 import table_in, texts_in, under_extra

_DEFAULT_BACKEND = "setuptools.build_meta:__legacy__"
_NEEDED = {"version", "dependencies", "optional-dependencies", "requires-python"}
_FIELDS = KEPT_HEADERS - {"name", "dynamic"}


class SourceDescription(msgspec.Struct, frozen=True):
    """The pyproject.toml of a source tree; an empty table where there is none."""

    folder: Path
    table: Mapping[str, object]

    @classmethod
    def read(cls, folder: Path) -> SourceDescription:
        """:raises BadArtifact: ``metadata-invalid`` when pyproject.toml is not TOML"""
        path = folder / "pyproject.toml"
        if not path.exists():
            return cls(folder, {})
        if not path.is_file() or path.stat().st_size > LARGEST_TEXT:
            raise BadArtifact("metadata-invalid", f"{path} is not a file of at most {LARGEST_TEXT} bytes")
        try:
            return cls(folder, parse_toml(path.read_text("utf-8")))
        except ValueError as error:  # or it is not UTF-8
            raise BadArtifact("metadata-invalid", f"{path} is not valid TOML: {error}") from error

    @property
    def project(self) -> Mapping[str, object]:
        """The ``[project]`` table."""
        return table_in(self.table, "project")

    @property
    def backend(self) -> str:
        """The module of the build backend (PEP 517)."""
        return str(table_in(self.table, "build-system").get("build-backend", _DEFAULT_BACKEND))

    def metadata(self) -> MetadataText | None:
        """Core metadata as far as it matters here, or None if a build could give something else (PEP 621)."""
        project = self.project
        dynamic = texts_in(project.get("dynamic"))
        if not _NEEDED.isdisjoint(dynamic) or "name" not in project or "version" not in project:
            return None
        return MetadataText(
            name=str(project["name"]),
            version=str(project["version"]),
            requires_dist=tuple(self._requirements()),
            requires_python=str(project["requires-python"]) if "requires-python" in project else None,
            provides_extra=tuple(table_in(project, "optional-dependencies")),
        )

    def _requirements(self) -> Iterator[str]:
        yield from texts_in(self.project.get("dependencies"))
        for extra, requirements in table_in(self.project, "optional-dependencies").items():
            yield from (under_extra(text, extra) for text in texts_in(requirements))


def static_package_info(content: bytes | None, where: str) -> MetadataText | None:
    """The metadata in an sdist's PKG-INFO, or None if a build could give something else (PEP 643)."""
    if content is None:
        return None
    text = read_metadata(content, where)
    if not _FIELDS.isdisjoint(text.dynamic) or _metadata_version(content) < Version("2.2"):
        return None
    return text


def _metadata_version(content: bytes) -> Version:
    first = content.decode("utf-8", "replace").partition("Metadata-Version:")[2].partition("\n")[0]
    try:
        return parse_version(first.strip())
    except InvalidVersion:
        return Version("1.0")
