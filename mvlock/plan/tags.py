"""The best wheel for an interpreter, by the tags in its file name (PEP 425, PEP 427)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from mvlock.lock.model import LockedFile


def tag_ranks(tags: Sequence[str]) -> dict[str, int]:
    """Each supported tag with its rank; lower is more specific."""
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


def best_wheel(wheels: Iterable[LockedFile], ranks: Mapping[str, int]) -> LockedFile | None:
    """The wheel with the most specific tag, then the highest build number; None if no wheel fits."""
    compatible = [(key, wheel) for wheel in wheels if (key := _key(wheel.name, ranks)) is not None]
    return min(compatible, key=lambda pair: (pair[0], pair[1].name))[1] if compatible else None


def _key(filename: str, ranks: Mapping[str, int]) -> tuple[int, int] | None:
    parts = filename.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return None
    rank = min((ranks[tag] for tag in _tags(*parts[-3:]) if tag in ranks), default=None)
    build = re.match(r"\d+", parts[2]) if len(parts) == 6 else None
    return None if rank is None else (rank, -int(build[0]) if build else 0)


def _tags(pythons: str, abis: str, platforms: str) -> Iterable[str]:
    for python in pythons.split("."):
        for abi in abis.split("."):
            for platform in platforms.split("."):
                yield f"{python}-{abi}-{platform}"
