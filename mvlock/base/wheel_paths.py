"""What the paths in a wheel mean (PEP 427): where they go, and what can be imported, which no metadata says."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator

_MODULE = re.compile(r"([^.]+)(?:\.py|(?:\.[^/]*)?\.(?:so|pyd))")
_Path = tuple[str, ...]
_PACKAGE = "/__init__.py"
_MAX_NESTED = 50
# Many wheels ship these folders by mistake. A name that dozens of distributions "provide" is not an
# interface, and counting it would make any two such trees conflict.
GENERIC_NAMES = frozenset({"tests", "test", "docs", "examples"})
"""Top-level names that are shipped by mistake."""


def below_site_packages(path: str, data: str | None = None) -> str | None:
    """Where in site-packages a member goes (PEP 427, "The .data directory"); None: elsewhere.

    ``data``: the wheel's ``.data`` folder; if that is not known, any folder with such a name.
    """
    head, _, rest = path.partition("/")
    is_data = head == data if data is not None else bool(rest) and head.endswith(".data")
    if not is_data:
        return path
    scheme, _, below = rest.partition("/")
    return below if scheme in {"purelib", "platlib"} else None


def is_described_by(path: str, name: str = "METADATA") -> bool:
    """Whether a member may be the file ``name`` in the distribution's ``.dist-info``."""
    return path.count("/") == 1 and path.endswith(f".dist-info/{name}")


def import_names(member_names: Iterable[str]) -> tuple[str, ...]:
    """Import names, sorted: packages, modules, extension modules; for a namespace (PEP 420), what is in it.

    A top-level folder without ``__init__`` has no single owner: other distributions may add to it. So it is represented
    by the dotted names at which namespaces end (``google.cloud.storage``); if these are very many, the folder counts as
    a package after all. ``*.dist-info`` folders do not count; of ``*.data``, only what is installed into site-packages.
    ``tests``, ``test``, ``docs`` and ``examples`` count only if a distribution has nothing else.
    """
    members = list(member_names)
    tops = {member.removesuffix(_PACKAGE) for member in members if member.endswith(_PACKAGE)}
    packages = {top for top in tops if _is_name(top)}
    others = (member for member in members if member.partition("/")[0] not in packages)
    modules = {module for member in others if (module := _module(member)) is not None}
    regular = {module[:-1] for module in modules if module[-1] == "__init__" and len(module) > 1}
    names = {_outermost_package(module, regular) for module in modules if module != ("__init__",)}
    names |= {(package,) for package in packages}
    kept = {name for name in names if name[0] not in GENERIC_NAMES} or names
    return tuple(sorted({".".join(name) for name in _limited(kept)}))


def modules_below(member_names: Iterable[str], top: str) -> frozenset[tuple[str, ...]]:
    """The modules of a top-level name, each as the parts of its path; a package is its ``__init__``."""
    found = (_module(member) for member in member_names)
    return frozenset(module for module in found if module is not None and module[0] == top)


def _module(member: str) -> _Path | None:
    """The parts of a module's name, including ``__init__``, or None if a member is not a module."""
    parts = (below_site_packages(member) or "").split("/")
    module = _MODULE.fullmatch(parts[-1])
    if module is None or not all(_is_name(part) for part in (*parts[:-1], module[1])):
        return None
    return (*parts[:-1], module[1])


def _outermost_package(module: _Path, regular: set[_Path]) -> _Path:
    """The outermost package with an ``__init__`` around a module, or the module itself."""
    packages = (module[:length] for length in range(1, len(module)))
    return next((package for package in packages if package in regular), module)


def _limited(names: set[_Path]) -> Iterator[_Path]:
    below: dict[str, list[_Path]] = {}
    for name in names:
        below.setdefault(name[0], []).append(name)
    for top, found in below.items():
        yield from [(top,)] if len(found) > _MAX_NESTED else found


def _is_name(part: str) -> bool:
    """Whether a part is importable; ``*.dist-info`` and unsafe parts (``..``, empty) are not."""
    return part.isidentifier() and not keyword.iskeyword(part)
