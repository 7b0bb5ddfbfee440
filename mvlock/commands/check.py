"""``mvlock check``: whether mv.lock matches pyproject.toml and its policy, and what is installed matches mv.lock."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from mvlock.commands import resolve
from mvlock.commands.arguments import arguments_for
from mvlock.commands.lock_request import lock_request
from mvlock.commands.options import Context, option_values
from mvlock.errors import MvlockError, UnmetRequest

_GOING_ON = "lock-stale"
"""What ``resolve --check`` finds in a lock with which the rest can still be compared."""


def execute(arguments: Namespace, context: Context) -> int:
    """Do what ``resolve --check`` and ``verify`` do, and test the whole policy; a stale lock is taken as it is.

    :raises MvlockError: all that is wrong, with the code of the first
    """
    check = arguments_for("resolve", check=True, environ=arguments.environ)
    unresolved = _failure(lambda: resolve.execute(check, context, with_policy=False))
    if unresolved is not None and unresolved.code != _GOING_ON:
        raise unresolved
    from mvlock.commands import verify

    comparison = arguments_for("verify", arguments, frozen=unresolved is not None)
    forbidden = _failure(lambda: _check_policy(arguments, context))
    different = _failure(lambda: verify.execute(comparison, context))
    errors = [error for error in (unresolved, forbidden, different) if error is not None]
    if errors:
        raise _all_in_one(*errors)
    return 0


def _check_policy(arguments: Namespace, context: Context) -> None:
    from mvlock.commands.opened_project import open_project
    from mvlock.operations.policy import check_policy

    opened, request = open_project(context.options), lock_request(option_values(arguments))
    check_policy(opened.project, opened.current_lock(frozen=True), request, context.machine, licenses=True)


def _failure(check: Callable[[], object]) -> MvlockError | None:
    try:
        check()
    except MvlockError as error:
        return error
    return None


def _all_in_one(first: MvlockError, *others: MvlockError) -> MvlockError:
    """The first error, with what the others say."""
    if not others:
        return first
    errors = (first, *others)
    hints = "\n".join(one.hint for one in errors if one.hint)
    return UnmetRequest(first.code, "\n".join(one.message for one in errors), hint=hints or None, facts=first.facts)
