"""Several trees as one, for files that describe a single environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mvlock.lock.model import LockedTree, TreePackage


def united(trees: Sequence[LockedTree]) -> LockedTree:
    """A tree with all that ``trees`` have, whose versions must not meet (see ``meeting_versions``)."""
    markers: dict[tuple[str, str], list[str | None]] = {}
    for tree in trees:
        for member in tree.packages:
            markers.setdefault((member.name, member.version), []).append(member.marker)
    members = (
        TreePackage(name=name, version=version, marker=_any(found)) for (name, version), found in markers.items()
    )
    return LockedTree(
        name=", ".join(tree.name for tree in trees),
        requires=(),
        packages=tuple(sorted(members, key=lambda member: (member.name, member.release))),
    )


def united_by_group(trees: Sequence[LockedTree], groups: Sequence[str]) -> LockedTree:
    """The same for trees whose versions may meet: each is in the dependency group at its place in ``groups``."""
    marked = [
        LockedTree(name=tree.name, requires=(), packages=tuple(_in_group(tree.packages, group)))
        for tree, group in zip(trees, groups, strict=True)
    ]
    return united(marked)


def _in_group(members: Iterable[TreePackage], group: str) -> Iterable[TreePackage]:
    for member in members:
        selected = f"'{group}' in dependency_groups"
        marker = f"{selected} and ({member.marker})" if member.marker else selected
        yield TreePackage(name=member.name, version=member.version, marker=marker)


def _any(markers: Iterable[str | None]) -> str | None:
    """A marker that is true where one of these is (None: everywhere)."""
    found = list(dict.fromkeys(markers))
    if None in found:
        return None
    texts = [text for text in found if text is not None]
    return texts[0] if len(texts) == 1 else " or ".join(f"({text})" for text in texts)
