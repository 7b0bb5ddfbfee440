"""Environments: what lies where in a virtual environment, and how one is made out of wheels of the store."""

from mvlock.environment.assemble import Assembler
from mvlock.environment.content import TreeContent, WrittenFile, tree_content
from mvlock.environment.layout import Layout, TreePlace
from mvlock.environment.link import Linker, LinkMode

__all__ = [
    "Assembler",
    "Layout",
    "LinkMode",
    "Linker",
    "TreeContent",
    "TreePlace",
    "WrittenFile",
    "tree_content",
]
