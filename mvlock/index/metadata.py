"""Core metadata (PEP 566, 643): the headers that resolution needs, read by one regular expression.

``email`` would read them all, description included, at ten times the cost.
"""

from __future__ import annotations

import re

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mvlock.base.limits import MOST_REQUIREMENTS
from mvlock.base.pep508 import parse_version
from mvlock.errors import BadArtifact
from mvlock.index.model import CoreMetadata, IndexFile
from mvlock.index.requirements import lenient_requirement, lenient_specifiers


class MetadataText(msgspec.Struct, array_like=True, frozen=True):
    """The headers as text, as kept in the cache: without header names, in the file's order."""

    name: str
    version: str
    requires_dist: tuple[str, ...] = ()
    requires_python: str | None = None
    provides_extra: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()


KEPT_HEADERS = frozenset(field.replace("_", "-") for field in MetadataText.__struct_fields__)
"""In lower case."""

_HEADER = re.compile(rf"^({'|'.join(sorted(KEPT_HEADERS))}):[ \t]*(.*(?:\n[ \t]+\S.*)*)$", re.IGNORECASE | re.MULTILINE)


def read_metadata(content: bytes, where: str) -> MetadataText:
    """The headers of a METADATA or PKG-INFO file; ``where`` names it in errors.

    :raises BadArtifact: ``metadata-invalid`` if it has no name or version, or too many requirements
    """
    fields = _fields(content)
    if not fields.get("name") or not fields.get("version"):
        raise metadata_invalid(where, "it has no Name or no Version")
    count = len(fields.get("requires-dist", ()))
    if count > MOST_REQUIREMENTS:
        raise metadata_invalid(where, f"it has {count} requirements; the limit is {MOST_REQUIREMENTS}")
    return MetadataText(
        name=fields["name"][0],
        version=fields["version"][0],
        requires_dist=tuple(fields.get("requires-dist", ())),
        requires_python=next(iter(fields.get("requires-python", ())), None),
        provides_extra=tuple(fields.get("provides-extra", ())),
        dynamic=tuple(value.lower() for value in fields.get("dynamic", ())),
    )


def parse_metadata(text: MetadataText, where: str) -> CoreMetadata:
    """The values of ``text``. Requirement objects are shared between metadata and must not be modified.

    :raises BadArtifact: ``metadata-invalid`` naming the field that cannot be parsed
    """
    return CoreMetadata(
        name=canonicalize_name(text.name),
        version=_version(text.version, where),
        requires_dist=tuple(_requirement(line, where) for line in text.requires_dist),
        requires_python=_requires_python(text.requires_python, where),
        provides_extra=frozenset(canonicalize_name(extra) for extra in text.provides_extra),
        dynamic=frozenset(text.dynamic),
    )


def check_identity(metadata: CoreMetadata, file: IndexFile) -> None:
    """Check that the metadata is of the distribution that the file's name promises.

    :raises BadArtifact: ``metadata-invalid``
    """
    if metadata.name != file.project or metadata.version != Version(file.version):
        raise metadata_invalid(file.filename, f"it is for {metadata.name} {metadata.version}")


def metadata_invalid(where: str, reason: str) -> BadArtifact:
    """The error for metadata that cannot be used."""
    return BadArtifact(
        "metadata-invalid",
        f"the metadata of {where} is invalid: {reason}",
        facts={"file": where, "reason": reason},
    )


def _fields(content: bytes) -> dict[str, list[str]]:
    headers = content.decode("utf-8", "replace").replace("\r\n", "\n").lstrip("\ufeff\n").partition("\n\n")[0]
    fields: dict[str, list[str]] = {}
    for name, value in _HEADER.findall(headers):
        lines = map(str.strip, value.split("\n"))
        fields.setdefault(name.lower(), []).append(" ".join(lines).strip())
    return fields


def _version(text: str, where: str) -> Version:
    try:
        return parse_version(text)
    except InvalidVersion as error:
        raise metadata_invalid(where, f"{text!r} is not a version") from error


def _requirement(text: str, where: str) -> Requirement:
    try:
        return lenient_requirement(text)
    except InvalidRequirement as error:
        raise metadata_invalid(where, f"{text!r} is not a requirement") from error


def _requires_python(text: str | None, where: str) -> SpecifierSet | None:
    if not text:
        return None
    try:
        return lenient_specifiers(text)
    except InvalidSpecifier as error:
        raise metadata_invalid(where, f"Requires-Python {text!r} is not a specifier") from error
