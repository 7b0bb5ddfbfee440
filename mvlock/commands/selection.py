"""Which dependency groups and optional dependencies a command line selects, by the rules of uv."""

from __future__ import annotations

from argparse import Namespace
from typing import NamedTuple

from mvlock.errors import LocalError
from mvlock.install.options import DEFAULT_GROUP
from mvlock.operations.installing import known_extras, known_groups
from mvlock.project.model import Project

_EXCLUSIVE = {"only_group": ("group", "all_groups", "extra", "all_extras"), "all_extras": ("extra",)}
"""Options, by the names of their values, that contradict others. What excludes a name wins over what selects it."""


class Selected(NamedTuple):
    """``only_groups``: nothing that only ``[project]`` requires."""

    groups: frozenset[str]
    extras: frozenset[str]
    only_groups: bool


def read_selection(arguments: Namespace, project: Project) -> Selected:
    """The selection in the options that ``add_selection`` adds.

    :raises LocalError: ``usage`` (a contradiction), ``group-unknown``, ``extra-unknown``
    """
    _check_contradictions(arguments)
    default = {DEFAULT_GROUP} & set(project.groups)
    # To be without the default group where there is none is no mistake.
    without = known_groups(arguments.no_group, {*project.groups, DEFAULT_GROUP})
    only = known_groups(arguments.only_group, project.groups)
    for name in sorted(only & without):
        raise LocalError("usage", f"--only-group {name} and --no-group {name} contradict each other")
    wanted = only or known_groups(arguments.group, project.groups) | (set() if arguments.no_default_groups else default)
    groups = frozenset(project.groups) if arguments.all_groups else wanted
    extras = frozenset(project.extras) if arguments.all_extras else known_extras(arguments.extra, project)
    return Selected(groups - without, extras - known_extras(arguments.no_extra, project), bool(only))


def _check_contradictions(arguments: Namespace) -> None:
    for option, others in _EXCLUSIVE.items():
        for other in others:
            if getattr(arguments, option) and getattr(arguments, other):
                raise LocalError("usage", f"{_flag(option)} and {_flag(other)} contradict each other")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
