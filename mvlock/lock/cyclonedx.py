"""Trees as a software bill of materials (CycloneDX 1.6, JSON): what there is, of which version, and what needs what.

The same lock gives the same bytes: the serial number is made from the content, and a time is stated only if one is
passed in.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from mvlock.lock.instances import Instance, direct_references, instances
from mvlock.lock.model import Lock, LockedFile, LockedPackage, LockedTree

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, HashType, Property
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License
    from packageurl import PackageURL

_ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_TREE, _MARKER = "mvlock:tree", "mvlock:marker"


class Inventory(msgspec.Struct, frozen=True):
    """What a bill of materials says that a lock does not.

    ``licenses``: by name and version, if known. ``repositories``: by name, the URLs of indexes but for the public one.
    """

    application: str
    tool_version: str
    licenses: Mapping[tuple[str, str], str | None]
    repositories: Mapping[str, str]
    time: datetime | None = None


def format_cyclonedx(lock: Lock, trees: Sequence[LockedTree], inventory: Inventory) -> str:
    """The JSON text. Needs cyclonedx-python-lib."""
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.bom_ref import BomRef
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.dependency import Dependency
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    found = instances(trees)
    packages = {(package.name, package.version): package for package in lock.packages}
    root = Component(type=ComponentType.APPLICATION, name=inventory.application, bom_ref=inventory.application)
    tool = Component(type=ComponentType.APPLICATION, name="mvlock", version=inventory.tool_version)
    edges = {inventory.application: direct_references(trees, found), **{one.reference: one.depends_on for one in found}}
    bom = Bom(
        metadata=BomMetaData(component=root),
        components=[_component(one, packages[one.name, one.version], inventory) for one in found],
        dependencies=[
            Dependency(BomRef(source), [Dependency(BomRef(target)) for target in targets])
            for source, targets in edges.items()
        ],
    )
    bom.metadata.tools.components.add(tool)
    text = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string()
    return _reproducible(json.loads(text), inventory.time)


def _reproducible(document: dict[str, Any], time: datetime | None) -> str:
    """The text without what the library makes up: the time, and a random serial number."""
    del document["metadata"]["timestamp"], document["serialNumber"]
    if time is not None:
        document["metadata"]["timestamp"] = time.isoformat()
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(document, sort_keys=True))
    return json.dumps({**document, "serialNumber": serial.urn}, indent=2, sort_keys=True) + "\n"


def _component(instance: Instance, package: LockedPackage, inventory: Inventory) -> Component:
    from cyclonedx.model.component import Component, ComponentType

    files = [file for file in (*package.wheels, package.sdist) if file]
    archive = package.archive
    return Component(
        type=ComponentType.LIBRARY,
        name=instance.name,
        version=instance.version,
        bom_ref=instance.reference,
        purl=_purl(package, inventory.repositories),
        hashes=_hashes(archive.hashes if archive else files[0].hashes if len(files) == 1 else {}),
        licenses=_licenses(inventory.licenses.get((instance.name, instance.version))),
        external_references=list(_sources(package, files)),
        properties=list(_properties(instance)),
    )


def _purl(package: LockedPackage, repositories: Mapping[str, str]) -> PackageURL | None:
    """The package URL; None for what nobody else can get: a folder or an archive on this disk."""
    from packageurl import PackageURL

    if package.vcs:
        qualifiers = {"vcs_url": f"git+{package.vcs.url}@{package.vcs.commit_id}"}
    elif package.archive and package.archive.url:
        qualifiers = {"download_url": package.archive.url}
    elif package.index:
        qualifiers = {"repository_url": repositories[package.index]} if package.index in repositories else {}
    else:
        return None
    return PackageURL("pypi", name=package.name, version=package.version, qualifiers=qualifiers)


def _hashes(digests: Mapping[str, str]) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    return [
        HashType(alg=HashAlgorithm(_ALGORITHMS[name]), content=digest)
        for name, digest in digests.items()
        if name in _ALGORITHMS
    ]


def _licenses(text: str | None) -> list[License]:
    """An SPDX identifier or expression, or the words of the metadata."""
    from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement, LicenseExpression
    from cyclonedx.spdx import fixup_id, is_expression

    declared = LicenseAcknowledgement.DECLARED
    if text is None:
        return []
    if identifier := fixup_id(text):
        return [DisjunctiveLicense(id=identifier, acknowledgement=declared)]
    if is_expression(text):
        return [LicenseExpression(text, acknowledgement=declared)]
    return [DisjunctiveLicense(name=text, acknowledgement=declared)]


def _sources(package: LockedPackage, files: Sequence[LockedFile]) -> Iterator[ExternalReference]:
    """Its files, by name: the lock works behind any mirror, so it has no URLs of them."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    kind = ExternalReferenceType
    for file in files:
        yield ExternalReference(type=kind.DISTRIBUTION, url=XsUri(file.name), hashes=_hashes(file.hashes))
    if package.archive:
        address = package.archive.url or package.archive.path or ""
        yield ExternalReference(type=kind.DISTRIBUTION, url=XsUri(address), hashes=_hashes(package.archive.hashes))
    if package.vcs:
        yield ExternalReference(type=kind.VCS, url=XsUri(package.vcs.url), comment=f"commit {package.vcs.commit_id}")


def _properties(instance: Instance) -> Iterator[Property]:
    """The trees that have it, and where it is not always needed."""
    from cyclonedx.model import Property

    for tree, member in instance.members.items():
        yield Property(name=_TREE, value=tree)
        if member.marker:
            yield Property(name=_MARKER, value=f"{tree}: {member.marker}")
