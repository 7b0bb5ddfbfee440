"""Reads import_map.json: plain values, checked only as far as routing needs them.

`mvlock install` writes the file (schemas/import-map.schema.json is its full description). The C scanner behind ``json``
reads it without importing ``json`` and ``re``, which saves half of the start-up time. Most of a large map says what
each domain may import; that is read when something is first imported for it or from it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

MAP_VERSION = 3
_ZERO = b"\\u0000"
"""JSON for a character that no path may have."""
_UP = "../"
_RELATIVE = f'"{_UP}'
_DOMAINS, _END, _REST = b'\n "domains": [\n', b"\n ]", b'\n"distributions": '
"""What is before and after the lines of the domains, and how every second of them begins (see ``_parse_layout``)."""
_TREES, _TREES_END = b'\n "trees": {', b"\n }"
"""What is before and after those of the trees."""


_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
"""What reading a damaged map raises."""


class MapError(ImportError):
    """import_map.json is missing, of another version, or damaged; `mvlock install` writes it again."""


class DamagedMapError(BaseException):
    """What a domain needs of import_map.json cannot be read: found when something is imported for it.

    No ``Exception``, because libraries catch those when they try an optional import: a library that is installed would
    be missing without a word.
    """

    def __init__(self, path: str, error: Exception) -> None:
        super().__init__(_damage(path, error))


def damaged(path: str, error: Exception) -> MapError:
    """The error for a map at ``path`` that is JSON, but lacks what ``error`` names."""
    return MapError(_damage(path, error))


def _damage(path: str, error: Exception) -> str:
    return f"{path} is damaged ({error!r}); run `mvlock install` to write it again"


class DomainEntry:
    """One domain of the map; ``paths`` are absolute, ``trees`` the names of those it serves.

    ``distributions``: (name, version, import names, the path that it is loaded from); ``startup``: (folder, ``.pth``
    file, line of Python) or (folder, ``.start`` file, entry point); ``peers``: names that its trees lack and direct
    dependencies of the application provide; ``is_strict``: there are none (``peers = false``).

    ``rest``: what ``entry`` lacks, which is most of the map. It is read when it is first used.

    :raises DamagedMapError: when one of the attributes declared here is first used, if the map at ``place`` is damaged
    """

    trees: tuple[str, ...]
    distributions: tuple[tuple[str, str, tuple[str, ...], str], ...]
    routes: dict[str, str]
    peers: dict[str, str]

    def __init__(self, entry: Any, absolute: Callable[[str], str], rest: Rest | None = None, place: str = "") -> None:
        self.name: str = entry["name"]
        self.paths = tuple(map(absolute, entry["paths"]))
        self.startup: tuple[tuple[str, str, str], ...] = ()
        if "startup" in entry:
            self.startup = tuple((absolute(one["folder"]), one["file"], one["line"]) for one in entry["startup"])
        self.is_strict: bool = entry.get("strict", False)
        self._head = entry
        self._rest = rest
        self.place = place
        if rest is None:
            self._fill(entry)

    def __getattr__(self, name: str) -> Any:
        rest = self._rest if name in ("distributions", "routes", "peers", "trees") else None
        if rest is None:
            raise AttributeError(name)
        try:
            self._fill({**self._head, **rest.parse()})
        except _DAMAGE as error:
            raise DamagedMapError(self.place, error) from None
        return vars(self)[name]

    def _fill(self, entry: Any) -> None:
        paths = self.paths
        self.trees = tuple(entry["trees"])
        self.distributions = tuple(
            (item["name"], item["version"], tuple(item["imports"]), paths[item.get("site", 0)])
            for item in entry["distributions"]
        )
        self.routes = dict(entry["routes"])
        self.peers = dict(entry.get("peers", ()))


class ImportMap:
    """The whole map.

    ``root``: import name to domain; ``silent``: project to domain; ``aliases``: import name to (domain, module);
    ``trees``: name to (domain of its world, site-packages). ``contested``: top-level names that several domains
    provide; ``sole``: domain to those that it alone provides. ``rests``: for each domain, what its entry in ``data``
    lacks (see ``DomainEntry``).
    """

    trees: dict[str, tuple[str, str]]

    def __init__(self, data: Any, folder: str, rests: Sequence[Rest | None] = (), place: str = "") -> None:
        self.place = place
        self._absolute = absolute = _absolute_paths(folder)
        entries = data["domains"]
        self.domains = tuple(
            DomainEntry(entry, absolute, rest, place)
            for entry, rest in zip(entries, rests or [None] * len(entries), strict=True)
        )
        self._trees = data["trees"]
        if not isinstance(self._trees, Rest):
            self.trees = self._trees_in(self._trees)
        self.root: dict[str, str] = dict(data["root"])
        self.contested: tuple[str, ...] = tuple(data["contested"])
        self.sole: dict[str, list[str]] = dict(data["sole"])
        self.silent: dict[str, str] = dict(data.get("silent", ()))
        self.aliases: dict[str, tuple[str, str]] = {
            name: (alias["domain"], alias["module"]) for name, alias in data["aliases"].items()
        }

    def __getattr__(self, name: str) -> Any:
        if name != "trees":
            raise AttributeError(name)
        try:
            self.trees = self._trees_in(self._trees.parse())
        except _DAMAGE as error:
            raise DamagedMapError(self.place, error) from None
        return self.trees

    def _trees_in(self, data: Any) -> dict[str, tuple[str, str]]:
        return {name: (tree["domain"], self._absolute(tree["site"])) for name, tree in data.items()}


def _absolute_paths(folder: str) -> Callable[[str], str]:
    """What makes a path of the map absolute; nearly all of them differ only in what follows the last ``..``."""
    above: dict[str, str] = {}
    is_posix = os.sep == "/"

    def absolute(path: str) -> str:
        if is_posix and path.startswith("/"):
            return path
        up, _, rest = path.rpartition(_UP)
        if not up or rest == ".." or not is_posix:
            return os.path.normpath(os.path.join(folder, path))
        if up not in above:
            above[up] = os.path.normpath(os.path.join(folder, up, ".."))
        return f"{above[up]}/{rest}"

    return absolute


class _ScannerSettings:
    """The settings that ``json.JSONDecoder`` gives the scanner; a future scanner that needs more is not used."""

    strict = True
    array_hook = None
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float

    def __init__(self) -> None:
        self.memo: dict[str, str] = {}


def _scan(text: str) -> Any:
    from _json import make_scanner

    return make_scanner(_ScannerSettings())(text.strip(), 0)[0]  # type: ignore[arg-type]


def _parse_json(text: str) -> Any:
    try:
        return _scan(text)
    except Exception:  # no such scanner, one that needs more, or no JSON: the error of json says where
        import json

        return json.loads(text)


def read_map(path: str) -> ImportMap:
    """Read the map at ``path``.

    :raises MapError: the file is missing, damaged, or of a version this importshim does not know
    """
    try:
        with open(path, "rb", buffering=0) as file:
            content = file.read()
        data, rests = _parse_layout(content, os.path.dirname(path)) or (_parse_json(content.decode()), ())
        version = data["version"]
    except FileNotFoundError:
        raise MapError(f"{path} is missing; run `mvlock install`") from None
    except (OSError, *_DAMAGE) as error:
        raise MapError(f"{path} cannot be read ({error}); run `mvlock install` to write it again") from None
    if _ZERO in content:
        raise damaged(path, ValueError("it contains a zero byte"))
    if version != MAP_VERSION:
        raise MapError(f"{path} has version {version}, this importshim reads {MAP_VERSION}; run `mvlock install`")
    try:
        return ImportMap(data, os.path.dirname(path), rests, path)
    except _DAMAGE as error:
        raise damaged(path, error) from None


def _parse_layout(content: bytes, folder: str) -> tuple[Any, Sequence[Rest]] | None:
    """The map without what only imports for a domain need, and this for each domain; None for any other layout.

    `mvlock install` writes two lines for each domain: what every start needs, and the rest. Nothing else of a megabyte
    is copied or decoded here.
    """
    start, end = content.find(_DOMAINS), content.rfind(_END)
    place = start + len(_DOMAINS)
    heads, rests = [], []
    while start >= 0 and place < end:
        rest = content.find(_REST, place)
        line_end = content.find(b"\n", rest + 1)
        if rest < 0 or not content.endswith((b"}", b"},"), rest, line_end):
            return None
        heads.append(content[place : rest - 1])
        rests.append(Rest(content, rest, line_end))
        place = line_end + 1
    try:
        domains = b"[%b}]" % b"},".join(heads)
        trees, after = _trees_section(content, end + len(_END))
        text = (
            content[: start + len(_DOMAINS) - 2] + domains + content[end + len(_END) : trees] + content[after:]
        ).decode()
        data = _scan(_with_absolute_paths(text, folder))
        if trees < after:
            data["trees"] = Rest(content, trees, after + 1)
    except Exception:  # it is read as any other JSON, which gives the error
        return None
    return (data, rests) if len(data["domains"]) == len(rests) and content.endswith(b"\n}\n") else None


def _trees_section(content: bytes, start: int) -> tuple[int, int]:
    """Where the trees are in the part of the map that begins at ``start``: what is between the braces."""
    trees = content.find(_TREES, start)
    after = content.find(_TREES_END, trees)
    return (trees + len(_TREES), after + len(_TREES_END) - 1) if 0 <= trees < after else (start, start)


def _with_absolute_paths(text: str, folder: str) -> str:
    """The map's ``text`` with all paths absolute; unchanged if they do not all lead up equally far.

    An application of hundreds of trees has as many paths: to make them absolute one by one takes longer.
    """
    start = text.find(_RELATIVE) + 1
    end = start
    while text.startswith(_UP, end):
        end += len(_UP)
    above = os.path.normpath(os.path.join(folder, text[start:end])).rstrip("/") + "/"
    if os.sep != "/" or not start or not above.isprintable() or "\\" in above or '"' in above:
        return text
    changed = text.replace(text[start - 1 : end], f'"{above}')
    return changed if _UP not in changed and '/.."' not in changed else text


class Rest:
    """What a map has that only imports from trees need: JSON in the file's ``content``, without the ``{``."""

    __slots__ = ("_content", "_end", "_start")

    def __init__(self, content: bytes, start: int, end: int) -> None:
        self._content, self._start, self._end = content, start, end

    def parse(self) -> Any:
        """The JSON as an object."""
        return _parse_json("{" + self._content[self._start : self._end].decode().removesuffix(","))
