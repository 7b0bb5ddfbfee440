"""Who published what a lock has for this interpreter, as far as the indexes attest it (PEP 740)."""

from __future__ import annotations

from mvlock.errors import LocalError
from mvlock.index.attestations import can_verify
from mvlock.install.attestations import AttestedDistribution, attestations
from mvlock.lock.model import Lock
from mvlock.operations.installing import InstallRequest, install_options
from mvlock.operations.locking import target_of
from mvlock.operations.machine import Machine
from mvlock.operations.opening_index import open_indexes
from mvlock.plan.select import wanted_trees
from mvlock.project.model import Project


def attested_distributions(
    project: Project, lock: Lock, request: InstallRequest, machine: Machine
) -> list[AttestedDistribution]:
    """Every distribution from an index, with what that attests, verified.

    :raises LocalError: ``usage``: the library is not installed
    :raises NetworkFailure: an index does not answer, or has a file no more
    """
    if not can_verify():
        hint = "install it with `mvlock[attestations]`"
        raise LocalError("usage", "attestations need the library pypi-attestations", hint=hint)
    options = install_options(project, lock, request, machine)
    trees = wanted_trees(lock, target_of(options.interpreter), options.selection(project))
    with open_indexes(project, machine, offline=request.offline, index_url=request.index_url) as index:
        return attestations(trees, index, machine.reporter)
