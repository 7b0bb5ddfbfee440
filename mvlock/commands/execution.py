"""One command for several members of a workspace, one after the other.

Each is as if the command had been given in its folder; what fails for one leaves the others as they would be. The exit
code is that of the first failure.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable

from mvlock.commands.failure import report
from mvlock.commands.members import Member
from mvlock.commands.options import Context
from mvlock.commands.steps import MEMBERS
from mvlock.errors import MvlockError
from mvlock.index.connections import Connections

_NOT_HERE = frozenset({"project-unknown", "tree-unknown"})
"""A member does not have what the command line names; another may."""
_FOR_ALL = "index-unreachable"
"""What the members after it would wait for, and not reach either."""

Execute = Callable[[Namespace, Context], int]


def execute_for(members: list[Member], execute: Execute, arguments: Namespace, context: Context) -> int:
    """Execute a command for some members; returns its exit code.

    :raises MvlockError: if it is for a single one that ``--package`` names, the command's; if no member has what the
        command line names
    """
    if len(members) == 1 and context.options.packages:
        return execute(arguments, _context_of(members[0], context))
    with Connections() as connections:
        run = _Run(execute, arguments, context._replace(connections=connections))
        rest = run.execute(members)
    return run.finish(rest)


def _context_of(member: Member, context: Context) -> Context:
    return context._replace(options=context.options._replace(project=member.folder))


class _Run:
    """A command for several members, and what it came to for each."""

    def __init__(self, execute: Execute, arguments: Namespace, context: Context) -> None:
        self._execute = execute
        self._arguments = arguments
        self._context = context
        self._gives_json = bool(getattr(arguments, "json", False))
        self._codes: dict[str, int] = {}
        self._absent: dict[str, MvlockError] = {}
        self._facts: dict[str, object] = {}

    def execute(self, members: list[Member]) -> list[Member]:
        """Execute it for each member, until one fails in a way that all others would; returns these others."""
        console = self._context.console
        with console.task("Members", total=len(members), unit=MEMBERS) as task:
            for number, member in enumerate(members, 1):
                task.advance(0, item=member.name)
                lines: list[str] | None = [] if self._gives_json else None
                with console.about(member.name, lines):
                    is_final = self._execute_for(member)
                if lines:
                    self._facts[member.name] = json.loads("\n".join(lines))
                if is_final:
                    return members[number:]
                task.advance()
        return []

    def _execute_for(self, member: Member) -> bool:
        """Execute it for one member, and report its failure; returns whether that is one of all members."""
        console = self._context.console
        try:
            self._codes[member.name] = self._execute(self._arguments, _context_of(member, self._context))
        except BrokenPipeError:
            raise
        except Exception as error:  # a bug, too, is reported for the member that has shown it
            if isinstance(error, MvlockError) and error.code in _NOT_HERE:
                self._absent[member.name] = error
                return False
            self._codes[member.name] = report(error, console, as_json=self._gives_json)
            return isinstance(error, MvlockError) and error.code == _FOR_ALL
        return False

    def finish(self, rest: list[Member]) -> int:
        """Say for which members it failed, and that it was not tried for ``rest``; returns the exit code.

        :raises MvlockError: no member has what the command line names
        """
        console = self._context.console
        if self._absent and not self._codes:
            raise next(iter(self._absent.values()))
        if self._gives_json:
            console.data(json.dumps({"members": self._facts}, indent=2))
        for name, error in self._absent.items():
            console.info(f"{name}: {error.message}")
        failed = [name for name, code in self._codes.items() if code]
        if failed:
            untried = f"; not tried for {', '.join(member.name for member in rest)}" if rest else ""
            console.error(("error", "bold red"), f": failed for {', '.join(failed)}, see above{untried}")
        return next((code for code in self._codes.values() if code), 0)
