"""What to install and how, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from mvlock.environment.link import LinkMode
from mvlock.install.up_to_date import InstalledState
from mvlock.interpreter.model import Interpreter
from mvlock.plan.model import Plan
from mvlock.plan.select import Selection
from mvlock.project.model import Project

DEFAULT_GROUP = "dev"


class InstallOptions(msgspec.Struct, frozen=True):
    """The choices of one install.

    ``groups`` None: the default, which is ``dev`` where it exists. ``only_groups``: nothing that only the project
    itself requires. ``only``: these trees, the others stay as they are. ``compile``: put bytecode beside the sources
    of trees. ``repair``: check every file, and rebuild what is not as it should be. ``no_build``: no sdist of an index
    is built.
    """

    interpreter: Interpreter
    cache: Path
    link_mode: LinkMode = LinkMode.AUTO
    groups: frozenset[str] | None = None
    extras: frozenset[str] = frozenset()
    only_groups: bool = False
    only: frozenset[str] = frozenset()
    offline: bool = False
    dry_run: bool = False
    compile: bool = True
    repair: bool = False
    no_build: bool = False

    def selection(self, project: Project, fingerprints: Mapping[str, str] = MappingProxyType({})) -> Selection:
        """The part of the project's lock that these options select."""
        groups = {DEFAULT_GROUP} & set(project.groups) if self.groups is None else self.groups
        required = {name for group, names in project.groups.items() if group in groups for name in names}
        instead = frozenset(required) if self.only_groups else None
        constraints = tuple(map(str, project.build_constraints))
        return Selection(
            groups=frozenset(groups),
            extras=self.extras,
            only=self.only,
            no_build=project.no_build or self.no_build,
            no_build_of=project.no_build_of,
            fingerprints=fingerprints,
            build_constraints=constraints,
            instead=instead,
        )


class InstallReport(msgspec.Struct, frozen=True):
    """The plan, whether it was carried out and import_map.json changed, what is installed, and for which Python."""

    plan: Plan
    done: bool
    map_changed: bool = False
    state: InstalledState | None = None
    interpreter: Interpreter | None = None

    @property
    def changed(self) -> bool:
        """Whether anything on disk changed."""
        return self.done and (self.map_changed or not self.plan.is_empty)
