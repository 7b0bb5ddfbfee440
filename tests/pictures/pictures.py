"""Pictures in one line."""

from __future__ import annotations

from mvlock.pictures.model import Member, Picture, PictureTree, World, ordered_rows


def picture(**trees: str) -> Picture:
    """A picture of trees, each with its members as ``name version module`` separated by commas; each is a world."""
    members = {tree: [member.split() for member in text.split(",")] for tree, text in trees.items()}
    numbers = {tree: number for number, tree in enumerate(members)}
    return Picture(
        project="shop",
        python="Python 3.11 on linux x86_64",
        installed=True,
        trees=tuple(
            PictureTree(tree, "", numbers[tree], (), tuple(Member(name, version) for name, version, _ in found))
            for tree, found in members.items()
        ),
        worlds=tuple(World((number,), "separate") for number in numbers.values()),
        rows=ordered_rows(
            (name, numbers[tree], version, module) for tree, found in members.items() for name, version, module in found
        ),
    )
