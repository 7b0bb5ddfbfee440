"""``mvlock verify``: whether py_modules/ and app/ are what mv.lock says, down to every file."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from mvlock.commands.installing import install_request
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context, option_values
from mvlock.errors import UnmetRequest
from mvlock.operations.installing import verify

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mvlock.commands.console import Console
    from mvlock.install.attestations import AttestedDistribution


def execute(arguments: Namespace, context: Context) -> int:
    """Check every file; prints a single line if everything is right.

    :raises UnmetRequest: ``verification-failed``
    """
    opened = open_project(context.options)
    project, lock = opened.project, opened.current_lock(frozen=option_values(arguments).flag("frozen"))
    request = install_request(option_values(arguments), project, lock)
    verify(project, lock, request, context.machine)
    context.console.info(f"Verified {project.modules}/ and {project.app}/: both match mv.lock")
    if arguments.attestations:
        from mvlock.operations.attested import attested_distributions

        _show_attested(attested_distributions(project, lock, request, context.machine), context.console)
    return 0


def _show_attested(found: Iterable[AttestedDistribution], console: Console) -> None:
    """Print who published what.

    :raises UnmetRequest: ``verification-failed``: an attestation does not hold
    """
    every = [(f"{one.name} {one.version}", one.attested) for one in found]
    proofs = [(name, proof) for name, proof in every if proof is not None]
    for name, proof in proofs:
        console.data(f"{name}: {proof.problem or ', '.join(proof.publishers)}")
    console.info(f"The indexes attest {len(proofs)} of {len(every)} distributions")
    wrong = [name for name, proof in proofs if proof.problem]
    if wrong:
        raise UnmetRequest("verification-failed", f"attestations that do not hold: {', '.join(wrong)}")
