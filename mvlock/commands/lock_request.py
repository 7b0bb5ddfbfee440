"""What a command line says about resolving. Few imports, so that a current lock is recognised at once."""

from __future__ import annotations

from mvlock.commands.options import OptionValues
from mvlock.operations.lock_request import LockRequest, requested_time


def lock_request(options: OptionValues) -> LockRequest:
    """The request in a command line (and in ``MVLOCK_*`` variables).

    :raises LocalError: ``time-invalid``, ``variable-invalid``
    """
    arguments = options.arguments
    return LockRequest(
        upgrade=getattr(arguments, "upgrade", False),
        upgrade_packages=frozenset(getattr(arguments, "upgrade_package", ())),
        upgrade_trees=frozenset(getattr(arguments, "upgrade_tree", ())),
        only_host=getattr(arguments, "only_host", False),
        python=options.text("python"),
        offline=options.flag("offline"),
        index_url=options.text("index_url"),
        exclude_newer=requested_time(options.text("exclude_newer"), "--exclude-newer"),
        no_build=options.flag("no_build"),
    )
