"""The commands of a wheel: its entry points, and which names are reserved."""

from __future__ import annotations

import re

from mvlock.store.guard import name_problem
from mvlock.store.model import WheelScript

_REFERENCE = re.compile(
    r"(?P<module>[^\W\d]\w*(\.[^\W\d]\w*)*)\s*:\s*(?P<attribute>[^\W\d]\w*(\.[^\W\d]\w*)*)\s*(\[[^]]*\])?"
)
_RESERVED = re.compile(r"(python|pythonw|pypy|activate)[\d.]*t?(\.(exe|fish|csh|ps1))?", re.IGNORECASE)
_SECTIONS = {"console_scripts": False, "gui_scripts": True}


def parse_scripts(text: str) -> tuple[WheelScript, ...]:
    """The commands in an ``entry_points.txt``, sorted by name (entry points specification).

    :raises ValueError: with the reason, if the file or one of its commands is invalid
    """
    import configparser

    parser = configparser.ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]  # names are case-sensitive
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(f"entry_points.txt cannot be read: {error}") from error
    found = {
        name: _script(name, reference, gui=gui)
        for section, gui in _SECTIONS.items()
        if parser.has_section(section)
        for name, reference in parser.items(section)
    }
    return tuple(found[name] for name in sorted(found))


def is_reserved(name: str) -> bool:
    """Whether a command of this name would replace what makes the environment work."""
    return _RESERVED.fullmatch(name) is not None


def _script(name: str, reference: str, *, gui: bool) -> WheelScript:
    match = _REFERENCE.fullmatch(reference.strip())
    if match is None:
        raise ValueError(f"the command {name!r} refers to {reference!r}, which is not of the form module:attribute")
    if is_reserved(name) or not name or re.search(r"[/\\\x00-\x1f]", name) or name.startswith("."):
        raise ValueError(f"the command {name!r} has a name that is not allowed")
    if too_long := name_problem(name):
        raise ValueError(f"the command {too_long}")
    return WheelScript(name, match["module"], match["attribute"], gui)
