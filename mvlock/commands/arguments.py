"""Every command with its options. Few imports on purpose; the commands themselves are imported later."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from mvlock import __version__
from mvlock.commands.options import COLORS
from mvlock.errors import LocalError

LINK_MODES = ("reflink", "hardlink", "copy", "symlink")
GRAPH_FORMATS = ("dot", "mermaid", "json")
EXPORT_FORMATS = ("pylock", "requirements")
_INVALID_CHOICE = re.compile(r"argument COMMAND: invalid choice: '(.*?)'")
PACK_FORMATS = ("tar.zst", "tar.gz", "zip")


class _FormatterForChecks(argparse.HelpFormatter):
    """The formatter with which argparse checks every option as it is added; it need not query the terminal for that."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)

    if sys.version_info[:2] == (3, 14):

        def _set_color(self, *_: object) -> None:
            """Prepare no colours: that imports dataclasses and inspect. 3.15 defers it until they are used."""


class _Parser(argparse.ArgumentParser):
    """Raises our errors instead of printing argparse's text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_FormatterForChecks, **options)

    def format_help(self) -> str:
        """The help text, as wide as the terminal."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """:raises LocalError: ``usage``."""
        unknown = _INVALID_CHOICE.match(message)
        if unknown:
            raise _unknown_command(unknown[1])
        raise LocalError("usage", message, hint=f"`{self.prog} --help` shows the usage")


def parse(argv: Sequence[str]) -> argparse.Namespace | None:
    """The command line as a namespace with ``command``; None (and help on standard error) without a command.

    :raises LocalError: ``usage``
    :raises SystemExit: after ``--help`` and ``--version``
    """
    parser = _build(argv)
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        program = f"mvlock {arguments.command}" if arguments.command else "mvlock"
        text = f"unrecognized arguments: {' '.join(unknown)}"
        raise LocalError("usage", text, hint=f"`{program} --help` shows the usage")
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return None
    return arguments


def _build(argv: Sequence[str]) -> _Parser:
    """A parser for ``argv``; it need not understand other command lines."""
    parser = _Parser(prog="mvlock", description="Several versions of one library in one Python process.")
    parser.add_argument("--version", action="version", version=f"mvlock {__version__}")
    _add_global(parser)
    commands = parser.add_subparsers(prog=parser.prog, dest="command", metavar="COMMAND", title="commands")
    for name in _commands_in(argv):
        text, add = _COMMANDS[name]
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--version", action="version", version=f"mvlock {__version__}")
        add(command)
        _add_global(command)
    return parser


def _commands_in(argv: Sequence[str]) -> list[str]:
    """The commands that ``argv`` may mean: those that one of its words names, or all if help may list them."""
    named = [name for name in _COMMANDS if name in argv]
    wants_help = any(word == "--help" or (word[:1] == "-" != word[1:2] and "h" in word) for word in argv)
    return list(_COMMANDS) if wants_help or not named else named


def _unknown_command(name: str) -> LocalError:
    from difflib import get_close_matches

    near = get_close_matches(name, _COMMANDS, n=1)
    known = ", ".join(_COMMANDS)
    hint = f"did you mean `mvlock {near[0]}`?" if near else f"commands are {known}"
    return LocalError("usage", f"there is no command '{name}'", hint=hint)


def _add_global(parser: argparse.ArgumentParser) -> None:
    """The same options before and after the command; unset options have no default, so neither hides the other."""
    group = parser.add_argument_group("global options")
    unset = argparse.SUPPRESS
    group.add_argument("--project", metavar="DIR", default=unset, help="the folder of pyproject.toml")
    group.add_argument("-q", "--quiet", action="store_true", default=unset, help="errors only")
    group.add_argument("-v", "--verbose", action="store_true", default=unset, help="more output")
    group.add_argument("--color", choices=COLORS, default=unset, help="default: auto")
    group.add_argument("--no-progress", action="store_true", default=unset, help="no bars")
    group.add_argument("--cache-dir", metavar="DIR", default=unset, help="where downloads and unpacked wheels are kept")


def _resolve(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-U", "--upgrade", action="store_true", help="allow all versions to change, whatever is locked")
    add("-P", "--upgrade-package", action="append", default=[], metavar="NAME", help="the same for NAME")
    add("--upgrade-tree", action="append", default=[], metavar="TREE", help="the same for all of TREE")
    add("--check", action="store_true", help="exit 1 if mv.lock is stale; change nothing")
    add("--dry-run", action="store_true", help="show what would change; change nothing")
    add("--only-host", action="store_true", help="lock for this machine's environment only")
    add("--exclude-newer", metavar="TIME", help="ignore files uploaded later")
    add("--json", action="store_true", help="print what changed as JSON")
    _network(parser)


def _network(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--python", metavar="X.Y|PATH", help="the interpreter to use")
    add("--offline", action="store_true", help="use only what is in the cache")
    add("--index-url", metavar="URL", help="the default index, instead of the configured one")


def _install(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--frozen", action="store_true", help="install mv.lock as it is, even if it is stale")
    add("--link-mode", choices=LINK_MODES, help="default: the best that the file system supports")
    add("--only", action="append", default=[], metavar="TREE", help="only this tree (repeatable)")
    add("--dry-run", action="store_true", help="show what would be done; change nothing")
    add("--repair", action="store_true", help="check every file, and restore what is damaged")
    _selection(parser)
    _network(parser)


def _selection(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--group", action="append", default=[], metavar="NAME", help="with this dependency group")
    add("--no-group", action="append", default=[], metavar="NAME", help="without it (dev is on by default)")
    add("--extra", action="append", default=[], metavar="NAME", help="with these optional dependencies")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--frozen", action="store_true", help="do not resolve, even if mv.lock is stale")
    _selection(parser)
    _network(parser)
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="CMD …", help="what to run")


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--frozen", action="store_true", help="compare with mv.lock as it is, even if it is stale")
    parser.add_argument("--python", metavar="X.Y|PATH", help="the interpreter to use")
    _selection(parser)


def _tree(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("trees", nargs="*", metavar="TREE", help="only these trees")
    parser.add_argument("--depth", type=_number, metavar="N", help="show N levels below the names of trees")
    parser.add_argument("--duplicates", action="store_true", help="projects with several versions, and why")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    _lookup(parser)


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a project in mv.lock")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    _lookup(parser)


def _lookup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--offline", action="store_true", help="use only what is in the cache")
    parser.add_argument("--index-url", metavar="URL", help="the default index, instead of the configured one")


def _graph(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("trees", nargs="*", metavar="TREE", help="only these trees")
    parser.add_argument("--format", choices=GRAPH_FORMATS, default=GRAPH_FORMATS[0], help="default: dot (Graphviz)")


def _outdated(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    _network(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("trees", nargs="*", metavar="TREE", help="only these trees")
    add("--format", choices=EXPORT_FORMATS, default=EXPORT_FORMATS[0], help="default: pylock (PEP 751)")
    add("-o", "--output", metavar="DIR", help="where the files go (default: the project); -: standard output")
    add("--frozen", action="store_true", help="export mv.lock as it is, even if it is stale")
    add("--offline", action="store_true", help="use only what is in the cache")
    add("--index-url", metavar="URL", help="the default index, instead of the configured one")


def _pack(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-o", "--output", metavar="FILE", help="the archive, or a folder for it (default: the project)")
    add("--format", choices=PACK_FORMATS, help="default: by the extension of FILE, else tar.zst")
    add("--no-bytecode", action="store_true", help="smaller, but the first start is slow")
    add("--frozen", action="store_true", help="pack with mv.lock as it is, even if it is stale")
    add("--python", metavar="X.Y|PATH", help="the interpreter to use")
    _selection(parser)


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("requirements", nargs="+", metavar="REQ", help="requirements (PEP 508)")
    parser.add_argument("--raw", action="store_true", help="add no lower bound to a bare name")
    _where(parser)
    _network(parser)


def _remove(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="NAME", help="projects")
    _where(parser)
    _network(parser)


def _where(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--group", metavar="NAME", help="in this dependency group")
    group.add_argument("--dev", action="store_const", const="dev", dest="group", help="in the group dev")
    group.add_argument("--extra", metavar="NAME", help="in these optional dependencies")


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", metavar="DIR", help="default: the current directory")
    parser.add_argument("--name", help="default: the name of the folder")


def _cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("dir", "size", "prune", "clean", "verify"),
        help="dir: print the directory; size: print the size; prune: remove what is unused; clean: remove everything; "
        "verify: check, and remove what is damaged",
    )


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--python", metavar="X.Y|PATH", help="the interpreter to use")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of levels")
    return int(text)


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "init": ("Start a project: write pyproject.toml.", _init),
    "add": ("Add requirements to pyproject.toml and resolve.", _add),
    "remove": ("Remove requirements from pyproject.toml and resolve.", _remove),
    "resolve": ("Resolve pyproject.toml into mv.lock.", _resolve),
    "install": ("Install mv.lock into py_modules/ and app/.", _install),
    "run": ("Resolve and install if needed, then run a command.", _run),
    "verify": ("Compare every file of py_modules/ and app/ with mv.lock.", _verify),
    "tree": ("Show the trees of mv.lock.", _tree),
    "why": ("Show which requirements need a project.", _why),
    "graph": ("Print the dependency graph.", _graph),
    "outdated": ("List projects with newer versions.", _outdated),
    "export": ("Write the trees as files that other installers read.", _export),
    "pack": ("Make one archive of app/ and py_modules/ for other machines.", _pack),
    "cache": ("Manage the cache.", _cache),
    "doctor": ("Check this machine and this project.", _doctor),
}
