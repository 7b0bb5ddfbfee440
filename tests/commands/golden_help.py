"""The help of every command as files in ``help/``: ``python -m tests.commands.golden_help`` writes them."""

from __future__ import annotations

from pathlib import Path

from mvlock.commands.arguments import command_parser, parser_of
from mvlock.commands.command_table import COMMANDS
from mvlock.commands.manual import manual

FOLDER = Path(__file__).with_name("help")
_COLUMNS = 80


def golden_texts() -> dict[str, str]:
    """The name of each file, and what it should have; for a terminal of 80 columns."""
    helps = {name: command_parser(name).format_help() for name in COMMANDS}
    return {f"{name}.txt": text for name, text in {"mvlock": parser_of([]).format_help(), **helps}.items()} | {
        "mvlock.1": manual()
    }


if __name__ == "__main__":
    import os

    os.environ["COLUMNS"] = str(_COLUMNS)
    for _name, _text in golden_texts().items():
        (FOLDER / _name).write_text(_text, encoding="utf-8")
