"""Commands in an environment's folder of scripts: they run with the interpreter beside them.

A shebang cannot contain a relative path or, reliably, a space. So ``/bin/sh`` starts the script. Its first lines are
a command to the shell and a string to Python: the script runs the ``python`` in its own folder on itself.
"""

from __future__ import annotations

import shlex

from mvlock.plan.receipt import InstalledCommand, InstalledScript
from mvlock.store.model import WheelScript

_HERE = '"$(dirname -- "$(realpath -- "$0" 2>/dev/null || printf %s "$0")")"'
_POSIX_HEADER = f"""\
#!/bin/sh
'''exec' {_HERE}/python "$0" "$@"
' '''
"""
_POSIX_PROGRAM = f"""\
#!/bin/sh
exec {_HERE}/{{path}} "$@"
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
    from importshim._script import command
    sys.exit(command({tree!r}, {module!r}, {attribute!r})())
"""
_SCRIPT_BODY = """\
# -*- coding: utf-8 -*-
import os
import importshim
if __name__ == "__main__":
    importshim.activate()
    from importshim._script import run_script
    run_script({tree!r}, os.path.join(os.path.dirname(os.path.realpath(__file__)), {path!r}))
"""
_WINDOWS_PROGRAM = '@"%~dp0{path}" %*\r\n'
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
    """Files of an application's command that calls an entry point of ``tree``, in a process with importshim active."""
    body = _ROUTED_BODY.format(tree=tree, module=command.module, attribute=command.attribute)
    return _routed(command.name, body, gui=command.gui, windows=windows)


def routed_script(tree: str, script: InstalledScript, path: str, *, windows: bool) -> dict[str, bytes]:
    """Files of an application's command for a script of ``tree``; ``path`` leads from one to the other (POSIX).

    A script for Python runs in a process with importshim active; any other program is started as it is.
    """
    if script.python:
        return _routed(script.name, _SCRIPT_BODY.format(tree=tree, path=path), gui=False, windows=windows)
    if not windows:
        return {script.name: _POSIX_PROGRAM.format(path=shlex.quote(path)).encode()}
    starter = _WINDOWS_PROGRAM.format(path=path.replace("/", "\\"))
    return {f"{script.name.removesuffix('.exe')}.cmd": starter.encode()}


def with_interpreter(script: bytes, *, windows: bool) -> bytes | None:
    """A script of a wheel with its ``#!python`` rewritten (PEP 427, "Recommended installer features").

    None: it is not for Python, or names a certain interpreter, and stays as it is.
    """
    if not is_for_python(script):
        return None
    header = b"#!python.exe\n" if windows else _POSIX_HEADER.encode()
    return header + script.partition(b"\n")[2]


def is_for_python(script: bytes) -> bool:
    """Whether a script of a wheel is for the Python that it is installed for; its first line is enough."""
    return script.partition(b"\n")[0].split(b" ", 1)[0].strip() in _PLACEHOLDERS


def _routed(name: str, body: str, *, gui: bool, windows: bool) -> dict[str, bytes]:
    if not windows:
        return {name: (_POSIX_HEADER + body).encode()}
    starter = _WINDOWS_STARTER.format(python="pythonw.exe" if gui else "python.exe", name=name)
    return {f"{name}-script.py": body.encode(), f"{name}.cmd": starter.encode()}


def _windows(script: WheelScript) -> tuple[str, bytes]:
    from installer.scripts import Script
    from installer.utils import get_launcher_kind

    made = Script(script.name, script.module, script.attribute, "gui" if script.gui else "console")
    return made.generate("<launcher_dir>\\python.exe", get_launcher_kind())
