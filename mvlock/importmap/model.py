"""import_map.json: what importshim needs to route imports, compiled ahead so that start-up only looks up.

All paths are POSIX and relative to the folder of import_map.json, so a project can be moved as a whole.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

MAP_VERSION = 1


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class MapDistribution(_Frozen):
    """A distribution that a domain serves, and the top-level import names it provides there, sorted."""

    name: str
    version: str
    imports: tuple[str, ...] = ()


class MapStartup(_Frozen):
    """A line of Python that a plain venv's ``site`` would execute at start: of the ``.pth`` ``file`` in ``folder``."""

    folder: str
    file: str
    line: str


class MapDomain(_Frozen):
    """One run-time namespace.

    ``paths``: the site-packages it is loaded from, then folders of editable projects; ``trees``: the trees it serves,
    several if they share it, which then lies in the site-packages of the first; ``distributions`` sorted by name;
    ``routes``: for every top-level import name that code of this domain may import from a tree, the domain that serves
    it. ``startup``: what code of this domain must have executed before it runs, in that order. ``sought``: names of
    other domains that its code looks for in ``sys.modules``, and may import once they are loaded. Both are absent from
    the file where they are empty.
    """

    name: str
    trees: tuple[str, ...]
    paths: tuple[str, ...]
    distributions: tuple[MapDistribution, ...] = ()
    routes: dict[str, str] = Field(default_factory=dict)
    startup: tuple[MapStartup, ...] = ()
    sought: tuple[str, ...] = ()


class MapAlias(_Frozen):
    """The application imports ``module`` of ``domain`` under the alias's name."""

    domain: str
    module: str

    @property
    def top_level(self) -> str:
        """The top-level name of its module."""
        return self.module.partition(".")[0]


class ImportMap(_Frozen):
    """The whole of import_map.json. ``root`` maps import names that the application may use to domains."""

    version: int = MAP_VERSION
    domains: tuple[MapDomain, ...] = ()
    root: dict[str, str] = Field(default_factory=dict)
    aliases: dict[str, MapAlias] = Field(default_factory=dict)
