"""Who published a file, as its index attests (PEP 740), verified by ``pypi-attestations`` (sigstore), without network.

The library is optional, large and slow to import. It brings the keys of the public instance of sigstore with it, so
that nothing is fetched; keys that are newer than the library need a newer one.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pypi_attestations import Distribution, Provenance

_NAMING = ("repository", "email", "vcs_origin", "project_id")
"""The attributes of a publisher that say who it is; kinds have different ones."""


class Attested(msgspec.Struct, frozen=True):
    """Who published a file (``GitHub urllib3/urllib3``), or why what its index has is no evidence."""

    publishers: tuple[str, ...] = ()
    problem: str | None = None


def can_verify() -> bool:
    """Whether the library is installed."""
    return find_spec("pypi_attestations") is not None


def attested(provenance: bytes, filename: str, sha256: str) -> Attested:
    """What a provenance file (PEP 740) proves about the file with this name and digest."""
    import logging

    from pypi_attestations import Distribution, Provenance

    logging.getLogger("sigstore").setLevel(logging.ERROR)  # it warns that it is offline
    try:
        found = Provenance.model_validate_json(provenance)
        return Attested(_publishers(found, Distribution(name=filename, digest=sha256)))
    except Exception as error:  # of several libraries, which do not say which
        return Attested(problem=next(iter(str(error).splitlines()), type(error).__name__))


def _publishers(provenance: Provenance, distribution: Distribution) -> tuple[str, ...]:
    """All of them, each verified; raises what the library does if one attestation does not hold."""
    found = []
    for bundle in provenance.attestation_bundles:
        for attestation in bundle.attestations:
            attestation.verify(bundle.publisher, distribution, offline=True)
        name = next((str(value) for name in _NAMING if (value := getattr(bundle.publisher, name, None))), "")
        found.append(f"{bundle.publisher.kind} {name}".strip())
    if not found:
        raise ValueError("it contains no attestation")
    return tuple(found)
