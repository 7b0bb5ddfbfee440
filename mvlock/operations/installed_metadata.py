"""The core metadata of what is installed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_SITE_PACKAGES = ("lib/python*/site-packages", "Lib/site-packages")


def installed_metadata(name: str, version: str, trees: Iterable[str], modules: Path | None) -> str | None:
    """The text of METADATA of a release that is installed in one of some trees; None if it is in none."""
    from importlib.metadata import distributions

    patterns = [f"{tree}/{folder}" for tree in trees for folder in _SITE_PACKAGES]
    places = [str(place) for pattern in patterns for place in (modules.glob(pattern) if modules else ())]
    found = (item for item in distributions(name=name, path=places) if item.version == version)
    first = next(found, None)
    return first.read_text("METADATA") if first is not None else None
