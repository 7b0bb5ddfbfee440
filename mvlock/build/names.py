"""The import names of a source tree without a build: declared (PEP 794), or clear from the usual layouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mvlock.base.wheel_paths import import_names
from mvlock.build.archive import read_member
from mvlock.build.static import SourceDescription

# Where the backend is configured explicitly, the layout alone does not determine the names.
_EXPLICIT = {
    "setuptools": {"packages", "py-modules", "package-dir"},
    "hatch": {"build"},
    "flit": {"module"},
    "poetry": {"packages", "include"},
    "pdm": {"build"},
    "uv": {"build-backend"},
    "maturin": {"python-source", "module-name"},
    "scikit-build": {"wheel"},
    "meson-python": {"args"},
}


def static_names(source: SourceDescription) -> tuple[str, ...] | None:
    """Top-level import names, sorted, or None if that takes a build."""
    declared = source.project.get("import-names")
    if isinstance(declared, list):
        return _top_level(str(item) for item in declared)
    if _is_explicit(source) or (source.folder / "setup.py").exists():
        return None
    inside = source.folder / "src"
    if inside.is_dir():
        found = import_names(path.relative_to(inside).as_posix() for path in inside.rglob("*.*"))
        return found if len(found) == 1 else None
    return _flat(source)


def declared_names(archive: Path) -> tuple[str, ...] | None:
    """The names that an sdist's PKG-INFO gives (PEP 794, Import-Name), or None."""
    content = read_member(archive, "PKG-INFO") or b""
    headers = content.decode("utf-8", "replace").partition("\n\n")[0].splitlines()
    found = [line.partition(":")[2] for line in headers if line.lower().startswith("import-name:")]
    return _top_level(found) if found else None


def recorded_names(folder: Path) -> tuple[str, ...] | None:
    """The names that setuptools recorded when it made this sdist (``top_level.txt``), if all are plain modules there.

    A top-level folder without ``__init__`` may be a namespace, whose names are longer: that takes a build.
    """
    found = [path for place in ("", "src/") for path in folder.glob(f"{place}*.egg-info/top_level.txt")]
    if len(found) != 1:
        return None
    inside, names = found[0].parent.parent, found[0].read_text("utf-8", "replace").split()
    paths = [path for name in names for path in (f"{name}/__init__.py", f"{name}.py") if (inside / path).is_file()]
    return import_names(paths) if paths and len(paths) == len(names) else None


def _top_level(declared: Iterator[str] | list[str]) -> tuple[str, ...]:
    """The public names; ``spam.eggs ; private`` is a name that users should not import."""
    pairs = (item.partition(";")[::2] for item in declared)
    return tuple(sorted({name.strip().split(".")[0] for name, flag in pairs if flag.strip() != "private"} - {""}))


def _is_explicit(source: SourceDescription) -> bool:
    tool = source.table.get("tool")
    tables = tool if isinstance(tool, dict) else {}
    return any(not keys.isdisjoint(_mapping(tables.get(name))) for name, keys in _EXPLICIT.items())


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _flat(source: SourceDescription) -> tuple[str, ...] | None:
    name = str(source.project.get("name", "")).replace("-", "_").replace(".", "_")
    candidates = {name, name.lower()} - {""}
    for found in sorted(candidates):
        if (source.folder / found / "__init__.py").is_file() or (source.folder / f"{found}.py").is_file():
            return (found,)
    return None
