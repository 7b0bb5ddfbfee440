"""The tables of pyproject.toml that mvlock reads, field by field as users write them.

Short forms become long ones before validation (a list of requirements is a tree's table), so that every later
layer sees one shape. Unknown keys are refused in ``[tool.mvlock]``; for ``[project]`` see ``rules.check_keys``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from packaging.specifiers import SpecifierSet
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from mvlock.project.fields import (
    BoundField,
    MarkerField,
    ModuleField,
    NameField,
    ReferenceField,
    RequirementField,
    SpecifierField,
    TimeField,
    problem,
)

DEFAULT_REQUIRES_PYTHON = ">=3.10"
"""Without ``requires-python``: every Python that mvlock supports.

A constant, not the running Python, so that equal projects give equal locks on every machine.
"""

Text = Annotated[str, StringConstraints(min_length=1)]
PrereleasesField = Literal["if-necessary", "allow", "disallow"]


class Table(BaseModel):
    """A table in which unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ProjectTable(BaseModel):
    """``[project]`` (PEP 621): the keys that decide what is locked and installed."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    name: NameField
    requires_python: SpecifierField = Field(
        default_factory=lambda: SpecifierSet(DEFAULT_REQUIRES_PYTHON), alias="requires-python"
    )
    dependencies: tuple[RequirementField, ...] = ()
    optional_dependencies: dict[NameField, tuple[RequirementField, ...]] = Field(
        default_factory=dict, alias="optional-dependencies"
    )
    scripts: dict[NameField, ReferenceField] = Field(default_factory=dict)
    dynamic: tuple[str, ...] = ()


class IncludeGroup(Table):
    """``{include-group = "name"}`` (PEP 735)."""

    include_group: Text = Field(alias="include-group")


class GroupItem(Table):
    """One item of a dependency group: a requirement or an include, whichever is not None."""

    requirement: RequirementField | None = None
    include: IncludeGroup | None = None


def _long_group_item(value: object) -> object:
    if isinstance(value, dict):
        return {"include": value}
    return {"requirement": value}


GroupItemField = Annotated[GroupItem, BeforeValidator(_long_group_item)]


class ShareTable(Table):
    """When equal distributions of several trees are one module at run time."""

    mode: Literal["identical", "none"] | None = None
    always: tuple[NameField, ...] | None = None
    never: tuple[NameField, ...] | None = None


def _long_share(value: object) -> object:
    return value if isinstance(value, dict) else {"mode": value}


ShareField = Annotated[
    ShareTable,
    BeforeValidator(_long_share, json_schema_input_type=Literal["identical", "none"] | ShareTable),
]


class TreeTable(Table):
    """One tree: what it holds, and its own settings."""

    requirements: tuple[RequirementField, ...] = ()
    constraints: tuple[BoundField, ...] = ()
    overrides: tuple[BoundField, ...] = ()
    prereleases: PrereleasesField | None = None
    share: ShareField | None = None
    peers: StrictBool | None = None


def _long_tree(value: object) -> object:
    return value if isinstance(value, dict) else {"requirements": value}


TreeField = Annotated[
    TreeTable,
    BeforeValidator(_long_tree, json_schema_input_type=tuple[RequirementField, ...] | TreeTable),
]


def _one_of(*keys: str) -> ConfigDict:
    """Say in the JSON Schema too that exactly one of ``keys`` is given."""
    return ConfigDict(json_schema_extra={"oneOf": [{"required": [key]} for key in keys]})


class AliasTable(Table):
    """A version of a library under a name of its own; the first requirement is the library.

    ``module`` is the import name inside it, where it differs from what the library is called.
    """

    model_config = _one_of("requirement", "requirements")

    requirement: RequirementField | None = None
    requirements: tuple[RequirementField, ...] = ()
    module: ModuleField | None = None

    @model_validator(mode="after")
    def _has_requirement(self) -> AliasTable:
        if bool(self.requirement) == bool(self.requirements):
            raise problem("alias-invalid", "needs either 'requirement' or 'requirements'")
        return self


def _long_alias(value: object) -> object:
    if isinstance(value, dict):
        return value
    return {"requirements" if isinstance(value, list) else "requirement": value}


AliasField = Annotated[
    AliasTable,
    BeforeValidator(_long_alias, json_schema_input_type=RequirementField | tuple[RequirementField, ...] | AliasTable),
]


class SourceTable(Table):
    """Where a project comes from: exactly one of ``path``, ``git``, ``url`` and ``index``."""

    model_config = _one_of("path", "git", "url", "index")

    path: Text | None = None
    editable: StrictBool | None = None
    git: Text | None = None
    rev: Text | None = None
    url: Text | None = None
    subdirectory: Text | None = None
    index: Text | None = None

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> SourceTable:
        kinds = [kind for kind in ("path", "git", "url", "index") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise problem("source-invalid", "needs exactly one of 'path', 'git', 'url' and 'index'")
        owners = {"editable": ("path",), "rev": ("git",), "subdirectory": ("git", "url")}
        for key, allowed in owners.items():
            if getattr(self, key) is not None and kinds[0] not in allowed:
                raise problem("source-invalid", f"'{key}' does not go with '{kinds[0]}'")
        return self


class IndexTable(Table):
    """One ``[[tool.mvlock.index]]``: the root of a Simple API (PEP 503)."""

    name: NameField
    url: Text
    default: StrictBool = False
    explicit: StrictBool = False


class MvlockTable(Table):
    """``[tool.mvlock]``: settings of mvlock. Every key is optional."""

    app: Text = "app"
    modules: Text = "py_modules"
    source: tuple[Text, ...] | None = None
    isolate: Literal["each", "conflicts"] = "each"
    share: ShareField = Field(default_factory=ShareTable)
    peers: StrictBool = True
    expose: Literal["declared", "all"] = "declared"
    unify: StrictBool = True
    environments: tuple[MarkerField, ...] = ()
    exclude_newer: TimeField | None = Field(default=None, alias="exclude-newer")
    prereleases: PrereleasesField = "if-necessary"
    constraints: tuple[BoundField, ...] = ()
    overrides: tuple[BoundField, ...] = ()
    no_build: StrictBool = Field(default=False, alias="no-build")
    trees: dict[str, TreeField] = Field(default_factory=dict)
    alias: dict[str, AliasField] = Field(default_factory=dict)
    sources: dict[NameField, SourceTable] = Field(default_factory=dict)
    index: tuple[IndexTable, ...] = ()


class ToolTable(BaseModel):
    """``[tool]``, of which only ``[tool.mvlock]`` is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mvlock: MvlockTable = Field(default_factory=MvlockTable)


class Settings(BaseModel):
    """All of pyproject.toml that mvlock reads."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    project: ProjectTable
    build_system: object = Field(default=None, alias="build-system")
    groups: dict[NameField, tuple[GroupItemField, ...]] = Field(default_factory=dict, alias="dependency-groups")
    tool: ToolTable = Field(default_factory=ToolTable)

    @property
    def mvlock(self) -> MvlockTable:
        """``[tool.mvlock]``."""
        return self.tool.mvlock
