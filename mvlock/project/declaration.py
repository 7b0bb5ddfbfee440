"""A requirement with its place in pyproject.toml: the only form in which requirements reach the solver."""

from __future__ import annotations

import msgspec
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from mvlock.project.problem import key_path

PROJECT_DEPENDENCIES, SCRIPT_DEPENDENCIES = ("project", "dependencies"), ("dependencies",)


class Origin(msgspec.Struct, frozen=True):
    """A place in pyproject.toml: the ``keys`` of an array or value, and the ``index`` of an entry of the array.

    ``reason``: why a setting leads to a requirement that is not written there.
    """

    keys: tuple[str, ...]
    index: int | None = None
    reason: str = ""

    @property
    def array(self) -> Origin:
        """The array that an entry is in: ``dependency-groups.dev`` of ``dependency-groups.dev[0]``."""
        return Origin(self.keys)

    @property
    def is_setting(self) -> bool:
        """Whether it is in ``[tool.mvlock]``, which arranges what other tables require."""
        return self.keys[:1] == ("tool",)

    @property
    def is_project_dependencies(self) -> bool:
        """Whether it is in ``project.dependencies``, or ``dependencies`` of a script, which are always installed."""
        return self.keys in {PROJECT_DEPENDENCIES, SCRIPT_DEPENDENCIES}

    @property
    def is_optional(self) -> bool:
        """Whether it is in a dependency group or an extra."""
        return self.keys[:1] == ("dependency-groups",) or self.keys[:2] == ("project", "optional-dependencies")

    def __str__(self) -> str:
        """``project.dependencies[0]``."""
        path = key_path(self.keys if self.index is None else (*self.keys, self.index))
        return f"{path} ({self.reason})" if self.reason else path


FIXED_BY_SOLVE = Origin(())
"""The origin of a version that a solve fixes: it is not written in pyproject.toml."""


class Declaration(msgspec.Struct, frozen=True):
    """A requirement, constraint or override (PEP 508). Without group and extra it always applies."""

    requirement: Requirement
    origin: Origin
    group: NormalizedName | None = None
    extra: NormalizedName | None = None

    @property
    def project(self) -> NormalizedName:
        """The required project."""
        return canonicalize_name(self.requirement.name)

    def allows(self, version: Version) -> bool:
        """Whether a version satisfies it, pre-releases included."""
        return self.requirement.specifier.contains(version, prereleases=True)

    def __str__(self) -> str:
        return str(self.requirement)
