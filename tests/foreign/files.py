"""Files of other tools in a folder, and what was read of them in a form that is quick to compare."""

from __future__ import annotations

from pathlib import Path

from mvlock.foreign.model import ForeignProject
from mvlock.foreign.reading import read_foreign


def read(folder: Path, name: str, text: str, **others: str) -> ForeignProject:
    """What a file with this text says; ``others`` are texts by name, in which ``__`` is a dot."""
    for other, content in {name: text, **{key.replace("__", "."): one for key, one in others.items()}}.items():
        path = folder / other
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return read_foreign(folder / name)


def required(found: ForeignProject) -> dict[str, list[str]]:
    """The requirements by their place: ``""``, ``group dev``, ``extra fast``."""
    places: dict[str, list[str]] = {}
    for one in found.requirements:
        group, extra = one.place.group, one.place.extra
        place = f"group {group}" if group else f"extra {extra}" if extra else ""
        places.setdefault(place, []).append(str(one.requirement))
    return places


def sources(found: ForeignProject, folder: Path) -> dict[str, dict[str, str | bool]]:
    """The rows of ``[tool.mvlock.sources]``."""
    return {name: source.row(folder) for name, source in found.sources.items()}


def locked(found: ForeignProject) -> list[str]:
    """The locked versions."""
    return [f"{one.name}=={one.version}{f' ; {one.marker}' if one.marker else ''}" for one in found.locked]


def omitted(found: ForeignProject) -> list[str]:
    """What was left out, without the reasons."""
    return [one.what for one in found.left_out]
