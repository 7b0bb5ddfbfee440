"""``mvlock check``: whether mv.lock matches pyproject.toml, and what is installed matches mv.lock."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from mvlock.commands import resolve
from mvlock.commands.arguments import arguments_for
from mvlock.commands.options import Context
from mvlock.errors import MvlockError, UnmetRequest


def execute(arguments: Namespace, context: Context) -> int:
    """Do what ``resolve --check`` and ``verify`` do; what is installed is compared with a stale lock, too.

    :raises MvlockError: all that is wrong, with the code of the first
    """
    check = arguments_for("resolve", check=True, environ=arguments.environ)
    stale = _failure(lambda: resolve.execute(check, context))
    if stale is not None and stale.code != "lock-stale":
        raise stale
    from mvlock.commands import verify

    comparison = arguments_for("verify", arguments, frozen=stale is not None)
    different = _failure(lambda: verify.execute(comparison, context))
    error = _both(stale, different) if stale and different else stale or different
    if error is not None:
        raise error
    return 0


def _failure(check: Callable[[], int]) -> MvlockError | None:
    try:
        check()
    except MvlockError as error:
        return error
    return None


def _both(first: MvlockError, second: MvlockError) -> UnmetRequest:
    """The first error, with what the second says."""
    hints = "\n".join(filter(None, (first.hint, second.hint)))
    also = {"code": second.code, "message": second.message, "facts": second.facts}
    facts = {**first.facts, "also": also}
    return UnmetRequest(first.code, f"{first.message}\n{second.message}", hint=hints or None, facts=facts)
