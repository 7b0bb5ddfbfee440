"""Classes of ``importlib.machinery`` and ``types``, taken from where these take them.

The interpreter has them at every start, but not the package ``importlib`` and the module ``types``: to load those two
takes as long as ten modules of ours, and a program may never need them.
"""

from __future__ import annotations

import _frozen_importlib
import _frozen_importlib_external
import _imp
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ExtensionFileLoader, FileFinder, ModuleSpec, PathFinder, SourceFileLoader
    from types import CodeType, FrameType, FunctionType, ModuleType
else:
    ModuleSpec = _frozen_importlib.ModuleSpec
    ExtensionFileLoader = _frozen_importlib_external.ExtensionFileLoader
    FileFinder = _frozen_importlib_external.FileFinder
    PathFinder = _frozen_importlib_external.PathFinder
    SourceFileLoader = _frozen_importlib_external.SourceFileLoader
    FunctionType, ModuleType, FrameType = type(lambda: None), type(sys), type(sys._getframe())
    CodeType = type(sys._getframe().f_code)

__all__ = [
    "CodeType",
    "ExtensionFileLoader",
    "FileFinder",
    "FrameType",
    "FunctionType",
    "ModuleSpec",
    "ModuleType",
    "PathFinder",
    "SourceFileLoader",
]

SOURCE_SUFFIXES: list[str] = _frozen_importlib_external.SOURCE_SUFFIXES
EXTENSION_SUFFIXES: list[str] = _imp.extension_suffixes()
