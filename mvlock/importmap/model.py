"""import_map.json: what importshim needs to route imports, computed ahead so that start-up only does look-ups.

All paths are POSIX and relative to the folder of import_map.json, so a project can be moved as a whole.
"""

# Annotations are not postponed: each one would be compiled whenever a command starts.

import msgspec

MAP_VERSION = 3


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class MapDistribution(_Part, frozen=True):
    """A distribution that a domain serves, and the top-level import names it provides there, sorted.

    ``site``: the number of the domain's path from which it is loaded; absent from the file where it is the first.
    """

    name: str
    version: str
    imports: tuple[str, ...] = ()
    site: int = 0


class MapStartup(_Part, frozen=True):
    """What a plain venv's ``site`` would execute at start: a ``line`` of Python of the ``.pth`` ``file`` in ``folder``.

    Of a ``.start`` file it is an entry point, ``module:callable`` (PEP 829).
    """

    folder: str
    file: str
    line: str


class MapDomain(_Part, frozen=True):
    """One run-time namespace: of a world, or of what several worlds share.

    ``trees``: those it serves; ``paths``: the site-packages that its distributions are loaded from, then folders of
    editable projects; ``distributions`` sorted by name; ``routes``: for every import name that code of this domain may
    import from a tree, the domain that serves it: top-level names, or dotted ones where several domains have parts of a
    namespace (PEP 420). ``peers``: more such names, which its trees lack and the application requires.
    ``startup``: what code of this domain must have executed before it runs, in that order. ``strict``: its code finds
    only what it requires (``peers = false``). The last three are absent from the file where they are empty or false.
    """

    name: str
    trees: tuple[str, ...]
    paths: tuple[str, ...]
    distributions: tuple[MapDistribution, ...] = ()
    routes: dict[str, str] = msgspec.field(default_factory=dict)
    peers: dict[str, str] = msgspec.field(default_factory=dict)
    startup: tuple[MapStartup, ...] = ()
    strict: bool = False


class MapTree(_Part, frozen=True):
    """A tree: the domain of its world, and its site-packages."""

    domain: str
    site: str


class MapAlias(_Part, frozen=True):
    """The application imports ``module`` of ``domain`` under the alias's name."""

    domain: str
    module: str

    @property
    def top_level(self) -> str:
        """The top-level name of its module."""
        return self.module.partition(".")[0]


class ImportMap(_Part, frozen=True):
    """The whole of import_map.json.

    ``root`` maps import names that the application may use to domains, as ``routes`` do for a domain. ``silent``: the
    projects that it requires and cannot import anything of (stubs, bundles of data), with their domains: their metadata
    is there all the same. Absent from the file where it is empty. ``contested``: the top-level names that several
    domains provide to some code, sorted; ``sole``: by domain, those that it alone provides, sorted.
    """

    version: int = MAP_VERSION
    domains: tuple[MapDomain, ...] = ()
    trees: dict[str, MapTree] = msgspec.field(default_factory=dict)
    root: dict[str, str] = msgspec.field(default_factory=dict)
    aliases: dict[str, MapAlias] = msgspec.field(default_factory=dict)
    silent: dict[str, str] = msgspec.field(default_factory=dict)
    contested: tuple[str, ...] = ()
    sole: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)

    def served(self) -> dict[tuple[str, str, str], MapDomain]:
        """The domain of each distribution in each tree that it serves, by tree, project and version."""
        return {
            (tree, item.name, item.version): domain
            for domain in self.domains
            for tree in domain.trees
            for item in domain.distributions
        }
