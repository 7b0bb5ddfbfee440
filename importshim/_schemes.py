"""The site-packages of trees as install schemes of ``sysconfig``.

Tools that distinguish installed code from the program's own (coverage, profilers, debuggers) ask ``sysconfig`` for the
folders of all schemes. Each tree is one more; the default scheme and all others stay as they are.
"""

from __future__ import annotations

import os
import sys

from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_PREFIX = f"{os.name}_tree_"


class SchemesPatch(Patch):
    """Adds the site-packages of each tree, which ``folders`` gives, to the module ``sysconfig``."""

    module = "sysconfig"

    def __init__(self, folders: Callable[[], Mapping[str, str]]) -> None:
        super().__init__()
        self._folders = folders

    def apply(self, module: Any) -> None:
        """Add a scheme for each tree."""
        schemes = getattr(module, "_INSTALL_SCHEMES", None)
        if isinstance(schemes, dict):
            usual = schemes[module.get_default_scheme()]
            for tree, folder in self._folders().items():
                literal = folder.replace("{", "{{").replace("}", "}}")
                schemes[_PREFIX + tree] = {**usual, "purelib": literal, "platlib": literal}

    def domains_added(self) -> None:
        """Replace the schemes by those for the current trees."""
        self.undo()
        self.apply(sys.modules[self.module])

    def undo(self) -> None:
        """Remove the schemes."""
        schemes = getattr(sys.modules.get(self.module), "_INSTALL_SCHEMES", {})
        for name in [name for name in schemes if name.startswith(_PREFIX)]:
            del schemes[name]
