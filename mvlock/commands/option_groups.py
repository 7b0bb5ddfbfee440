"""Options that several commands have."""

from __future__ import annotations

import argparse

from mvlock.commands.options import COLORS

LINK_MODES = ("reflink", "hardlink", "copy", "symlink")


def add_global(parser: argparse.ArgumentParser) -> None:
    """The same options before and after the command; unset options have no default, so neither hides the other."""
    group = parser.add_argument_group("global options")
    unset = argparse.SUPPRESS
    group.add_argument("--project", metavar="DIR", default=unset, help="the folder of pyproject.toml")
    group.add_argument("-q", "--quiet", action="store_true", default=unset, help="errors only")
    group.add_argument("-v", "--verbose", action="store_true", default=unset, help="more output")
    group.add_argument("--color", choices=COLORS, default=unset, help="default: auto")
    group.add_argument("--no-progress", action="store_true", default=unset, help="show no progress")
    group.add_argument("--log-file", metavar="PATH", default=unset, help="write a log, for bug reports")
    group.add_argument("--cache-dir", metavar="DIR", default=unset, help="where downloads and unpacked wheels are kept")


def add_network(parser: argparse.ArgumentParser) -> None:
    """Which interpreter, and what may be requested from which index."""
    add = parser.add_argument
    add("--python", metavar="X.Y|PATH", help="the interpreter to use")
    add("--offline", action="store_true", help="use only what is in the cache")
    add("--index-url", metavar="URL", help="the default index, instead of the configured one")


def add_lookup(parser: argparse.ArgumentParser) -> None:
    """What a command that reads mv.lock may request from which index."""
    parser.add_argument("--offline", action="store_true", help="use only what is in the cache")
    parser.add_argument("--index-url", metavar="URL", help="the default index, instead of the configured one")


def add_lock_use(parser: argparse.ArgumentParser) -> None:
    """What a command that installs mv.lock may do about it."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--locked", action="store_true", help="exit 1 if mv.lock is missing or stale; never resolve")
    group.add_argument("--frozen", action="store_true", help="never resolve; install mv.lock as it is, even if stale")


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Which dependency groups and optional dependencies."""
    add = parser.add_argument
    add("--group", action="append", default=[], metavar="NAME", help="with this dependency group")
    add("--no-group", action="append", default=[], metavar="NAME", help="without it (dev is on by default)")
    add("--extra", action="append", default=[], metavar="NAME", help="with these optional dependencies")


def add_section(parser: argparse.ArgumentParser) -> None:
    """The place in pyproject.toml that is edited."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--group", metavar="NAME", help="in this dependency group")
    group.add_argument("--dev", action="store_const", const="dev", dest="group", help="in the group dev")
    group.add_argument("--extra", metavar="NAME", help="in these optional dependencies")
    group.add_argument("--alias", metavar="NAME", help="in this alias: a version of a library under a name of its own")
    group.add_argument("--tree", metavar="NAME", help="in this tree of several requirements")


def add_edit(parser: argparse.ArgumentParser) -> None:
    """What to do with an edit."""
    add = parser.add_argument
    add("--no-install", action="store_true", help="write pyproject.toml and mv.lock only")
    add("--dry-run", action="store_true", help="show what would change; change nothing")
    add("--link-mode", choices=LINK_MODES, help="default: the best that the file system supports")


def add_script(parser: argparse.ArgumentParser) -> None:
    """A script instead of the project."""
    parser.add_argument("--script", metavar="FILE", help="the block of this script (PEP 723), not pyproject.toml")
