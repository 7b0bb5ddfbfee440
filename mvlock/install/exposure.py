"""Whether the names that the lock exposes are the ones that the installed wheels provide.

The lock was made from one wheel of each release, perhaps another platform's; a source may have changed since.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mvlock.base.wheel_paths import import_names
from mvlock.environment.content import TreeContent
from mvlock.lock.model import LockedTree
from mvlock.plan.model import WantedDistribution
from mvlock.store.store import StoredWheel

_INTERNAL = re.compile(r"(?:.*__mypyc|_.*)")
"""Names that no application imports: private ones, and the module of compiled code that mypyc names by a digest."""
_CODE = (".py", ".so", ".pyd")


def exposure_notes(
    locked: LockedTree,
    members: Iterable[tuple[WantedDistribution, StoredWheel]],
    standard_library: frozenset[str],
) -> Iterator[str]:
    """What users should know about a tree: names that it cannot provide, names that are missing from the lock."""
    shadowed = sorted({name.partition(".")[0] for name in locked.imports} & standard_library)
    if locked.alias and (locked.module or "").partition(".")[0] in standard_library:
        yield f"alias {locked.alias}: {locked.module} is in the standard library, so the alias has no effect"
    if shadowed:
        yield f"tree {locked.name}: the standard library has {_listed(shadowed)}, and it always comes first"
    yield from _exposure_differences(locked, members)


def overlap_notes(tree: str, content: TreeContent) -> Iterator[str]:
    """Which distributions of a tree have the same modules with different content: only one of each can be there."""
    found: dict[tuple[str, str], list[str]] = {}
    for path, other in content.overlaps:
        used = content.linked.get(path)
        if used is not None and path.endswith(_CODE):
            name = path.rpartition("site-packages/")[2]
            found.setdefault((used.wheel.partition("-")[0], other), []).append(name)
    for (used_project, other), names in sorted(found.items()):
        rest = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield (
            f"tree {tree}: {other} and {used_project} both contain {min(names)}{rest}, with different content; "
            f"those of {used_project} are used"
        )


def _exposure_differences(
    locked: LockedTree, members: Iterable[tuple[WantedDistribution, StoredWheel]]
) -> Iterator[str]:
    requested = [wheel for wanted, wheel in members if wanted.requested and not _is_editable(wanted)]
    if locked.alias is not None or not requested:
        return
    provided = {name for wheel in requested for name in import_names(_paths(wheel))}
    missing = set(locked.imports) - provided
    if missing:
        yield f"tree {locked.name}: mv.lock exposes {_listed(missing)}, which its wheels here do not provide"
    unexposed = {name for name in provided.difference(locked.imports) if not _INTERNAL.fullmatch(name)}
    if unexposed:
        yield f"tree {locked.name}: its wheels here also provide {_listed(unexposed)}, which mv.lock does not expose"


def _is_editable(wanted: WantedDistribution) -> bool:
    """An editable wheel holds no modules, only a path to them."""
    directory = wanted.package.directory
    return directory is not None and directory.editable


def _paths(wheel: StoredWheel) -> Iterator[str]:
    return (file.path for file in wheel.receipt.files)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
