"""What the indexes attest of the files that are locked for one interpreter (PEP 740)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from packaging.utils import canonicalize_name

from mvlock.index.attestations import Attested, attested
from mvlock.index.model import FileIndex
from mvlock.install.wheel_fetcher import locate
from mvlock.plan.model import WantedDistribution, WantedTree
from mvlock.progress import Reporter


class AttestedDistribution(msgspec.Struct, frozen=True):
    """A distribution with what its index attests; None: nothing."""

    name: str
    version: str
    attested: Attested | None


def attestations(trees: Iterable[WantedTree], index: FileIndex, reporter: Reporter) -> list[AttestedDistribution]:
    """Every distribution of an index in these trees once, by name and version.

    :raises NetworkFailure: an index does not answer, or has a file no more
    """
    wanted = {(one.package.name, one.package.version): one for tree in trees for one in tree.distributions if one.file}
    index.prefetch(canonicalize_name(name) for name, _ in wanted)
    with reporter.task("Verifying", len(wanted), unit="files") as task:
        found = []
        for _, one in sorted(wanted.items()):
            found.append(_of(one, index))
            task.advance(item=one.package.name)
    return found


def _of(one: WantedDistribution, index: FileIndex) -> AttestedDistribution:
    if one.file is None:
        raise TypeError("only files of an index are attested")
    file = locate(index, one.package, one.file)
    provenance = index.provenance(file)
    proof = None if provenance is None else attested(provenance, file.filename, file.hashes["sha256"])
    return AttestedDistribution(one.package.name, one.package.version, proof)
