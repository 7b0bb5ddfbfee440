"""Commands in an environment's folder of scripts: their interpreter is the one beside them.

A shebang can hold neither a relative path nor, safely, a space. So ``/bin/sh`` starts the script, whose first
lines are a command to the shell and a string to Python: it runs the ``python`` of its own folder on itself.
"""

from __future__ import annotations

from mvlock.plan import InstalledCommand
from mvlock.store.model import WheelScript

_POSIX_HEADER = """\
#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0" 2>/dev/null || printf %s "$0")")"/python "$0" "$@"
' '''
"""
_BODY = """\
# -*- coding: utf-8 -*-
import sys
from {module} import {first}
if __name__ == "__main__":
    sys.exit({attribute}())
"""
_ROUTED_BODY = """\
# -*- coding: utf-8 -*-
import sys
import importshim
if __name__ == "__main__":
    importshim.activate()
    sys.exit(importshim.tree({tree!r}).import_module({module!r}).{attribute}())
"""
_WINDOWS_STARTER = '@"%~dp0{python}" "%~dp0{name}-script.py" %*\r\n'
_PLACEHOLDERS = (b"#!python", b"#!pythonw")


def entry_point(script: WheelScript, *, windows: bool) -> tuple[str, bytes]:
    """File name and content of the command for one entry point."""
    if windows:
        return _windows(script)
    first = script.attribute.partition(".")[0]
    body = _BODY.format(module=script.module, first=first, attribute=script.attribute)
    return script.name, (_POSIX_HEADER + body).encode()


def routed_command(tree: str, command: InstalledCommand, *, windows: bool) -> dict[str, bytes]:
    """Files of a command of the application that calls what ``tree`` has, inside the routed process."""
    body = _ROUTED_BODY.format(tree=tree, module=command.module, attribute=command.attribute)
    if not windows:
        return {command.name: (_POSIX_HEADER + body).encode()}
    starter = _WINDOWS_STARTER.format(python="pythonw.exe" if command.gui else "python.exe", name=command.name)
    return {f"{command.name}-script.py": body.encode(), f"{command.name}.cmd": starter.encode()}


def with_interpreter(script: bytes, *, windows: bool) -> bytes | None:
    """A script of a wheel with its ``#!python`` put right (PEP 427, "Recommended installer features").

    None: it is not for Python, or for a certain one, and stays as it is.
    """
    first, _, rest = script.partition(b"\n")
    if first.split(b" ", 1)[0].strip() not in _PLACEHOLDERS:
        return None
    header = b"#!python.exe\n" if windows else _POSIX_HEADER.encode()
    return header + rest


def _windows(script: WheelScript) -> tuple[str, bytes]:
    from installer.scripts import Script
    from installer.utils import get_launcher_kind

    made = Script(script.name, script.module, script.attribute, "gui" if script.gui else "console")
    return made.generate("<launcher_dir>\\python.exe", get_launcher_kind())
