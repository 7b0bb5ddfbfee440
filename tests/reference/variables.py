"""docs/reference/variables.md: every variable that the code reads, with the options that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mvlock.commands.command_table import COMMANDS
from mvlock.commands.option_groups import add_global
from tests.e2e.markdown import ROOT
from tests.reference.commands import empty_parser, options_of
from tests.reference.guide_rows import meanings

_HEAD = """\
# Environment variables

Made by `python -m tests.reference` from what the code reads. Command line options override variables; options without a
value take `1` or `0`. More in the [guide](../guide.md#environment-variables).

| Variable | Commands | Meaning |
|---|---|---|
"""


def variables_page() -> str:
    """The text of the page."""
    return _HEAD + "".join(f"{row}\n" for row in _rows())


def variables() -> Iterator[str]:
    """The variables of mvlock that the code reads: by the name of an option, or by their own."""
    for path in (ROOT / "mvlock").rglob("*.py"):
        text = path.read_text("utf-8")
        yield from re.findall(r"\"(MVLOCK_[A-Z_]+)\"", text)
        names = re.findall(r"\b(?:option_values\(arguments\)|options|values)\.(?:text|flag|choice)\(\"(\w+)\"", text)
        yield from (f"MVLOCK_{name.upper()}" for name in names)


def _rows() -> Iterator[str]:
    explained = meanings("Environment variables")
    for variable in sorted({*variables()}):
        option = variable.removeprefix("MVLOCK_").lower().replace("_", "-")
        yield f"| `{variable}` | {_commands(f'--{option}')} | {explained[variable]} |"
    for variable in (name for name in explained if not name.startswith(("MVLOCK_", "-"))):
        yield f"| `{variable}` | | {explained[variable]} |"


def _commands(option: str) -> str:
    parser = empty_parser()
    add_global(parser)
    if option in parser._option_string_actions:
        return "every command"
    found = [name for name in COMMANDS if option in options_of(name)._option_string_actions]
    return ", ".join(f"[{name}](commands.md#mvlock-{name})" for name in found)
