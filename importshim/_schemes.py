"""The site-packages of trees as install schemes of ``sysconfig``.

Who wants to know which code is installed and which is the program's own (coverage, profilers, debuggers) asks
``sysconfig`` for the folders of all schemes. Each tree is one more; the default scheme and all others stay as they are.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_PREFIX = f"{os.name}_tree_"


def teach_sysconfig(sysconfig: Any, folders: Mapping[str, str]) -> None:
    """Let the module ``sysconfig`` know the site-packages of each tree."""
    schemes = getattr(sysconfig, "_INSTALL_SCHEMES", None)
    if isinstance(schemes, dict):
        usual = schemes[sysconfig.get_default_scheme()]
        for tree, folder in folders.items():
            literal = folder.replace("{", "{{").replace("}", "}}")
            schemes[_PREFIX + tree] = {**usual, "purelib": literal, "platlib": literal}


def unteach_sysconfig(sysconfig: Any) -> None:
    """Let it forget them."""
    schemes = getattr(sysconfig, "_INSTALL_SCHEMES", {})
    for name in [name for name in schemes if name.startswith(_PREFIX)]:
        del schemes[name]
