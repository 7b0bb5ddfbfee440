"""The tables of pyproject.toml that mvlock reads, field by field as users write them.

Short forms become long ones before validation (a list of requirements is a tree's table), so that every later
layer sees one shape. Unknown keys are refused in ``[tool.mvlock]``; for ``[project]`` see ``rules.check_keys``.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from packaging.specifiers import SpecifierSet

from mvlock.base.tables import FieldError, LongForm
from mvlock.project.fields import (
    BoundField,
    CountField,
    ExcludedField,
    LimitField,
    MarkerField,
    ModuleField,
    NameField,
    ReferenceField,
    RequirementField,
    RuleField,
    SpecifierField,
    TimeField,
)
from mvlock.project.index_address import IndexFormat

DEFAULT_REQUIRES_PYTHON = ">=3.10"
"""Without ``requires-python``: every Python that mvlock supports.

A constant, not the running Python, so that equal projects give equal locks on every machine.
"""

Text = Annotated[str, msgspec.Meta(min_length=1)]
PrereleasesField = Literal["if-necessary", "allow", "disallow"]


class Table(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """A table in which unknown keys are errors."""


class OpenTable(msgspec.Struct, frozen=True, rename="kebab"):
    """A table in which others have keys too."""


class ProjectTable(OpenTable, frozen=True):
    """``[project]`` (PEP 621): the keys that decide what is locked and installed."""

    name: NameField
    requires_python: SpecifierField = msgspec.field(default_factory=lambda: SpecifierSet(DEFAULT_REQUIRES_PYTHON))
    dependencies: tuple[RequirementField, ...] = ()
    optional_dependencies: dict[NameField, tuple[RequirementField, ...]] = {}
    scripts: dict[NameField, ReferenceField] = {}
    dynamic: tuple[str, ...] = ()


class IncludeGroup(Table, frozen=True):
    """``{include-group = "name"}`` (PEP 735)."""

    include_group: Text


class GroupItem(Table, frozen=True):
    """One item of a dependency group: a requirement or an include, whichever is not None."""

    requirement: RequirementField | None = None
    include: IncludeGroup | None = None


def _long_group_item(value: object) -> object:
    if isinstance(value, dict):
        return {"include": value}
    return {"requirement": value}


GroupItemField = Annotated[GroupItem, LongForm(_long_group_item)]


class ShareTable(Table, frozen=True):
    """When equal distributions of several trees are one module at run time."""

    mode: Literal["identical", "none"] | None = None
    always: tuple[NameField, ...] | None = None
    never: tuple[NameField, ...] | None = None


def _long_share(value: object) -> object:
    return value if isinstance(value, dict) else {"mode": value}


ShareField = Annotated[ShareTable, LongForm(_long_share, Literal["identical", "none"] | ShareTable)]


class TreeTable(Table, frozen=True):
    """One tree: what it holds, and its own settings."""

    requirements: tuple[RequirementField, ...] = ()
    constraints: tuple[BoundField, ...] = ()
    overrides: tuple[BoundField, ...] = ()
    exclude_dependencies: tuple[ExcludedField, ...] = ()
    prereleases: PrereleasesField | None = None
    exclude_newer: TimeField | None = None
    share: ShareField | None = None
    peers: bool | None = None


def _long_tree(value: object) -> object:
    return value if isinstance(value, dict) else {"requirements": value}


TreeField = Annotated[TreeTable, LongForm(_long_tree, tuple[RequirementField, ...] | TreeTable)]


class AliasTable(Table, frozen=True):
    """A version of a library under a name of its own; the first requirement is the library.

    ``module`` is the import name inside it, where it differs from what the library is called.
    """

    ONE_OF: ClassVar = ("requirement", "requirements")

    requirement: RequirementField | None = None
    requirements: tuple[RequirementField, ...] = ()
    module: ModuleField | None = None
    exclude_newer: TimeField | None = None

    def __post_init__(self) -> None:
        if bool(self.requirement) == bool(self.requirements):
            raise FieldError("alias-invalid", "needs either 'requirement' or 'requirements'")


def _long_alias(value: object) -> object:
    if isinstance(value, dict):
        return value
    return {"requirements" if isinstance(value, list) else "requirement": value}


AliasField = Annotated[AliasTable, LongForm(_long_alias, RequirementField | tuple[RequirementField, ...] | AliasTable)]


class SourceTable(Table, frozen=True):
    """Where a project comes from: exactly one of ``path``, ``git``, ``url``, ``index`` and ``workspace``."""

    ONE_OF: ClassVar = ("path", "git", "url", "index", "workspace")

    path: Text | None = None
    editable: bool | None = None
    git: Text | None = None
    rev: Text | None = None
    url: Text | None = None
    subdirectory: Text | None = None
    index: Text | None = None
    workspace: bool | None = None

    def __post_init__(self) -> None:
        kinds = [kind for kind in SourceTable.ONE_OF if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise FieldError("source-invalid", "needs exactly one of 'path', 'git', 'url', 'index' and 'workspace'")
        if self.workspace is False:
            raise FieldError("source-invalid", "'workspace' can only be true")
        owners = {"editable": ("path", "workspace"), "rev": ("git",), "subdirectory": ("git", "url")}
        for key, allowed in owners.items():
            if getattr(self, key) is not None and kinds[0] not in allowed:
                raise FieldError("source-invalid", f"'{key}' does not go with '{kinds[0]}'")


class IndexTable(Table, frozen=True):
    """One ``[[tool.mvlock.index]]``: the root of a Simple API (PEP 503), a folder, or a page (``flat``)."""

    name: NameField
    url: Text
    default: bool = False
    explicit: bool = False
    format: IndexFormat = "simple"


class WorkspaceTable(Table, frozen=True):
    """``[tool.mvlock.workspace]``: folders of members, as patterns with ``*``, ``?``, ``[…]`` and ``**``."""

    members: tuple[Text, ...]
    exclude: tuple[Text, ...] = ()


class PolicyTable(Table, frozen=True):
    """``[tool.mvlock.policy]``: what a lock may contain."""

    max_versions: CountField | None = None
    max_versions_package: dict[NameField, CountField] = {}
    allow: tuple[RuleField, ...] | None = None
    deny: tuple[RuleField, ...] = ()
    licenses: tuple[Text, ...] | None = None
    licenses_package: dict[NameField, tuple[Text, ...]] = {}


class MvlockTable(Table, frozen=True):
    """``[tool.mvlock]``: settings of mvlock. Every key is optional."""

    app: Text = "app"
    modules: Text = "py_modules"
    source: tuple[Text, ...] | None = None
    isolate: Literal["each", "conflicts"] = "each"
    share: ShareField = msgspec.field(default_factory=ShareTable)
    peers: bool = True
    expose: Literal["declared", "all"] = "declared"
    unify: bool = True
    environments: tuple[MarkerField, ...] = ()
    exclude_newer: TimeField | None = None
    exclude_newer_package: dict[NameField, LimitField] = {}
    prereleases: PrereleasesField = "if-necessary"
    constraints: tuple[BoundField, ...] = ()
    overrides: tuple[BoundField, ...] = ()
    exclude_dependencies: tuple[ExcludedField, ...] = ()
    no_build: bool = False
    no_build_package: tuple[NameField, ...] = ()
    build_constraints: tuple[BoundField, ...] = ()
    trees: dict[str, TreeField] = {}
    alias: dict[str, AliasField] = {}
    sources: dict[NameField, SourceTable] = {}
    index: tuple[IndexTable, ...] = ()
    workspace: WorkspaceTable | None = None
    policy: PolicyTable = msgspec.field(default_factory=PolicyTable)
    ignore_tools: tuple[Literal["poetry", "pdm", "uv"], ...] = ()


class ToolTable(OpenTable, frozen=True):
    """``[tool]``, of which only ``[tool.mvlock]`` is read."""

    mvlock: MvlockTable = msgspec.field(default_factory=MvlockTable)


class Settings(OpenTable, frozen=True):
    """All of pyproject.toml that mvlock reads."""

    project: ProjectTable
    build_system: object = None
    groups: dict[NameField, tuple[GroupItemField, ...]] = msgspec.field(name="dependency-groups", default_factory=dict)
    tool: ToolTable = msgspec.field(default_factory=ToolTable)

    @property
    def mvlock(self) -> MvlockTable:
        """``[tool.mvlock]``."""
        return self.tool.mvlock
