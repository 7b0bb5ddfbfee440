"""``[tool.poetry]``: dependencies, groups, extras and sources of Poetry 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mvlock.foreign.document import optional_text, shaped, table_in
from mvlock.foreign.model import ForeignProject, ForeignRequirement, ForeignSource, Place, combined, left_out
from mvlock.foreign.poetry_versions import alternatives, enclosing, ordered
from mvlock.foreign.requirement import both, default_groups, index_part, one_source, path_source, requirement

_AT = "tool.poetry"
_METADATA = frozenset(
    {
        *("authors", "maintainers", "description", "license", "readme", "homepage", "repository", "documentation"),
        *("keywords", "classifiers", "urls", "plugins"),
    }
)
_BUILD = frozenset({"packages", "include", "exclude", "build", "package-mode", "requires-poetry", "requires-plugins"})


class Dependency(msgspec.Struct, frozen=True):
    """The long form of a dependency."""

    version: str = "*"
    extras: list[str] = []
    optional: bool = False
    python: str | None = None
    platform: str | None = None
    markers: str | None = None
    source: str | None = None
    path: str | None = None
    file: str | None = None
    develop: bool = False
    git: str | None = None
    branch: str | None = None
    tag: str | None = None
    rev: str | None = None
    subdirectory: str | None = None
    url: str | None = None
    allow_prereleases: bool = msgspec.field(default=False, name="allow-prereleases")


class _Group(msgspec.Struct, frozen=True):
    dependencies: dict[str, object] = {}
    optional: bool = False
    include_groups: list[str] = msgspec.field(default_factory=list, name="include-groups")


class _Source(msgspec.Struct, frozen=True):
    name: str
    url: str | None = None
    priority: str | None = None
    default: bool = False
    secondary: bool = False

    @property
    def kind(self) -> str:
        """The priority, also as Poetry 1.4 wrote it."""
        return self.priority or ("default" if self.default else "secondary" if self.secondary else "primary")


def read_poetry(document: Mapping[str, object], folder: Path) -> ForeignProject:
    """What ``[tool.poetry]`` says; with ``[project] dependencies`` it only says where these come from.

    :raises ValueError: it is not in the shape that Poetry reads
    """
    table = table_in(document, "tool", "poetry")
    standard = table_in(document, "project")
    takes_requirements = "dependencies" not in standard
    return combined(
        [
            _head(table),
            *_main(table, folder, takes_requirements=takes_requirements),
            *_groups(table, folder),
            *_indexes(table, folder),
            *_rest(table),
        ]
    )


def _head(table: Mapping[str, object]) -> ForeignProject:
    dependencies = table_in(table, "dependencies")
    python = dependencies.get("python")
    commands = {name: _command(value) for name, value in table_in(table, "scripts").items()}
    return ForeignProject(
        name=optional_text(table.get("name"), f"{_AT}.name"),
        version=optional_text(table.get("version"), f"{_AT}.version"),
        requires_python=ordered(enclosing(alternatives(shaped(python, str, f"{_AT}.dependencies.python"))))
        if python
        else None,
        scripts={name: str(text) for name, text in commands.items() if text},
    )


def _command(value: object) -> object:
    """The object that a command calls; None if it is a file."""
    return value.get("callable") if isinstance(value, Mapping) else value


def _main(table: Mapping[str, object], folder: Path, *, takes_requirements: bool) -> Iterator[ForeignProject]:
    extras = shaped(table.get("extras", {}), dict[str, list[str]], f"{_AT}.extras")
    extras_of: dict[str, list[Place]] = {}
    for extra, names in extras.items():
        for name in names:
            extras_of.setdefault(canonicalize_name(name), []).append(Place(extra=extra))
    for name, value in table_in(table, "dependencies").items():
        if name != "python":
            places = extras_of.get(canonicalize_name(name), [Place()])
            part = _dependency(name, value, places, folder, f"{_AT}.dependencies.{name}")
            yield part if takes_requirements else msgspec.structs.replace(part, requirements=())


def _groups(table: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    groups = shaped(table.get("group", {}), dict[str, _Group], f"{_AT}.group")
    old = shaped(table.get("dev-dependencies", {}), dict[str, object], f"{_AT}.dev-dependencies")
    for group, name, value in [
        *(("dev", name, value) for name, value in old.items()),
        *((group, name, value) for group, found in groups.items() for name, value in found.dependencies.items()),
    ]:
        yield _dependency(name, value, [Place(group=group)], folder, f"{_AT}.group.{group}.dependencies.{name}")
    for group, found in groups.items():
        yield ForeignProject(includes=tuple((group, included) for included in found.include_groups))
    yield from default_groups(_AT, "Poetry", (group for group, found in groups.items() if not found.optional))


def _dependency(name: str, value: object, places: list[Place], folder: Path, at: str) -> ForeignProject:
    """One dependency, in one of its forms: a constraint, a table, or an array of tables for different markers."""
    rows = value if isinstance(value, list) else [value]
    forms = [shaped({"version": row} if isinstance(row, str) else row, Dependency, at) for row in rows]
    return combined([*(_form(name, form, places, folder, at) for form in forms), _sources(name, forms, folder, at)])


def _sources(name: str, forms: list[Dependency], folder: Path, at: str) -> ForeignProject:
    """The source of all forms."""
    found = [(str(_marker(form) or ""), source_of(form, folder) or ForeignSource()) for form in forms]
    known = {source for _, source in found}
    if len(known) > 1:
        return one_source(canonicalize_name(name), found, folder, at)
    return ForeignProject(sources={canonicalize_name(name): source for source in known if source.is_known})


def _marker(found: Dependency) -> Marker | None:
    return both(found.markers, _python_marker(found.python), _platform_marker(found.platform))


def _form(name: str, found: Dependency, places: list[Place], folder: Path, at: str) -> ForeignProject:
    choices = alternatives(found.version)
    source = source_of(found, folder)
    has_own_version = source is not None and source.index is None
    versions = SpecifierSet() if has_own_version else enclosing(choices)
    needed = requirement(name, str(versions), found.extras, _marker(found))
    requirements = tuple(ForeignRequirement(needed, place, at) for place in places)
    notes = _dependency_notes(needed.name, found, at, versions if len(choices) > 1 else None)
    return combined([ForeignProject(requirements=requirements), *notes])


def _dependency_notes(name: str, found: Dependency, at: str, widened: SpecifierSet | None) -> Iterator[ForeignProject]:
    if widened is not None:
        yield left_out(f"{at} = '{found.version}'", f"PEP 440 has no \"or\"; written as '{widened}', which allows more")
    if found.allow_prereleases:
        yield left_out(f"{at}.allow-prereleases", f'write prereleases = "allow" into [tool.mvlock.trees.{name}]')


def source_of(found: Dependency, folder: Path) -> ForeignSource | None:
    """Where a dependency comes from, if not from any index."""
    path = found.path or found.file
    if path is not None:
        return path_source(path, folder, editable=found.develop)
    if found.git is not None:
        return ForeignSource(git=found.git, rev=found.rev or found.tag or found.branch, subdirectory=found.subdirectory)
    if found.url is not None:
        return ForeignSource(url=found.url, subdirectory=found.subdirectory)
    if found.source is None:
        return None
    return ForeignSource(index="pypi" if found.source.lower() == "pypi" else found.source)


def _python_marker(text: str | None) -> Marker | None:
    if text is None:
        return None
    choices = [" and ".join(_python_clause(one.operator, one.version) for one in each) for each in alternatives(text)]
    return None if "" in choices else Marker(" or ".join(f"({choice})" for choice in choices))


def _python_clause(operator: str, version: str) -> str:
    variable = "python_full_version" if version.removesuffix(".*").count(".") > 1 else "python_version"
    return f"{variable} {operator} '{version}'"


def _platform_marker(text: str | None) -> Marker | None:
    return Marker(f"sys_platform == '{text}'") if text else None


def _indexes(table: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    """The sources; as soon as there is a primary one, Poetry does not use the public index, unless that is named."""
    sources = shaped(table.get("source", []), list[_Source], f"{_AT}.source")
    replacing = [source.name for source in sources if source.url and source.kind in ("primary", "default")]
    keeps_public = any(source.url is None for source in sources)
    for source in sources:
        if source.url is not None:
            is_default = source.name in replacing[-1:] and not keeps_public
            yield index_part(source.name, source.url, folder, default=is_default, explicit=source.kind == "explicit")
        if source.kind in ("supplemental", "secondary"):
            why = "mvlock asks it before the default index; explicit = true with sources is safer"
            yield left_out(f"{_AT}.source.{source.name}.priority = '{source.kind}'", why)


def _rest(table: Mapping[str, object]) -> Iterator[ForeignProject]:
    if metadata := sorted(_METADATA & table.keys()):
        why = "not needed to lock; [project] has keys for it (PEP 621)"
        yield left_out(f"{_AT}: {', '.join(metadata)}", why, concerns_lock=False)
    for name, value in table_in(table, "scripts").items():
        if not _command(value):
            yield left_out(f"{_AT}.scripts.{name}", "a file, and not an object that can be called", concerns_lock=False)
    if build := sorted(_BUILD & table.keys()):
        why = "for Poetry's builds, which read it where it is"
        yield left_out(f"{_AT}: {', '.join(build)}", why, concerns_lock=False)
