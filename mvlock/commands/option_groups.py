"""Options that several commands have."""

from __future__ import annotations

import argparse

from mvlock import __version__
from mvlock.commands.options import COLORS

LINK_MODES = ("reflink", "hardlink", "copy", "symlink")
SELECTION = {
    **dict.fromkeys(("group", "no_group", "only_group", "extra", "no_extra"), ()),
    **dict.fromkeys(("all_groups", "no_default_groups", "all_extras"), False),
}
"""What ``add_selection`` sets, as it is without any of its options."""


def add_global(parser: argparse.ArgumentParser, *, for_all_members: bool = False) -> None:
    """The same options before and after the command; unset options have no default, so neither hides the other.

    ``for_all_members``: in the root of a workspace, the command is for all of its members.
    """
    group = parser.add_argument_group("global options")
    unset = argparse.SUPPRESS
    group.add_argument("--project", metavar="DIR", default=unset, help="the folder of pyproject.toml")
    text = "run for this member of the workspace" + (" (repeatable)" if for_all_members else "")
    group.add_argument("--package", action="append", metavar="NAME", default=unset, help=text)
    group.add_argument("-q", "--quiet", action="store_true", default=unset, help="errors only")
    group.add_argument("-v", "--verbose", action="store_true", default=unset, help="more output")
    group.add_argument("--color", choices=COLORS, default=unset, help="default: auto")
    group.add_argument("--no-progress", action="store_true", default=unset, help="show no progress")
    group.add_argument("--log-file", metavar="PATH", default=unset, help="write a log for bug reports")
    group.add_argument("--cache-dir", metavar="DIR", default=unset, help="where downloads and unpacked wheels are kept")
    group.add_argument("-V", "--version", action="version", version=f"mvlock {__version__}", help="print the version")
    group.add_argument("-h", "--help", action="help", help="print this help")


def add_trees(parser: argparse.ArgumentParser) -> None:
    """Which trees a report or an export is about."""
    parser.add_argument("trees", nargs="*", metavar="TREE", help="only these trees")


def add_network(parser: argparse.ArgumentParser) -> None:
    """Which interpreter, and what may be requested from which index."""
    add = parser.add_argument
    add("--python", metavar="X.Y|PATH", help="the interpreter to use")
    add("--offline", action="store_true", help="use only what is in the cache")
    add("--index-url", metavar="URL", help="the default index, instead of the configured one")


def add_build(parser: argparse.ArgumentParser) -> None:
    """Whether what has no wheel may be built."""
    parser.add_argument("--no-build", action="store_true", help="build no sdist of an index; wheels only")


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
    group = parser.add_argument_group("groups and extras")
    _add_names(group, "group", "with this dependency group")
    _add_names(group, "no-group", "exclude this group, whatever else selects it (dev is on by default)")
    _add_names(group, "only-group", "only this dependency group, without what [project] requires")
    group.add_argument(
        "--no-dev", action="append_const", const="dev", dest="no_group", help="the same as --no-group dev"
    )
    group.add_argument(
        "--only-dev", action="append_const", const="dev", dest="only_group", help="the same as --only-group dev"
    )
    group.add_argument("--all-groups", action="store_true", help="with every dependency group")
    group.add_argument("--no-default-groups", action="store_true", help="without the groups that are on by default")
    _add_names(group, "extra", "with these optional dependencies")
    _add_names(group, "no-extra", "exclude these, with --all-extras")
    group.add_argument("--all-extras", action="store_true", help="with all optional dependencies")


def _add_names(group: argparse._ArgumentGroup, option: str, text: str) -> None:
    group.add_argument(f"--{option}", action="append", default=[], metavar="NAME", help=f"{text} (repeatable)")


def add_section(parser: argparse.ArgumentParser) -> None:
    """The place in pyproject.toml that is edited."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--group", metavar="NAME", help="in this dependency group")
    group.add_argument("--dev", action="store_const", const="dev", dest="group", help="in the group dev")
    group.add_argument("--extra", metavar="NAME", help="in these optional dependencies")
    group.add_argument("--alias", metavar="NAME", help="in this alias: a library under a name of your own")
    group.add_argument("--tree", metavar="NAME", help="in this tree")


def add_edit(parser: argparse.ArgumentParser) -> None:
    """What to do with an edit."""
    add = parser.add_argument
    add("--no-install", action="store_true", help="write pyproject.toml and mv.lock only")
    add("--dry-run", action="store_true", help="show what would change; change nothing")
    add_placing(parser)


def add_placing(parser: argparse.ArgumentParser) -> None:
    """Which files get from the store into trees, and how."""
    text = "do not compile modules: installs are faster, first imports slower"
    parser.add_argument("--no-bytecode", action="store_true", help=text)
    text = f"{', '.join(LINK_MODES)} (default: the best that the file system supports)"
    parser.add_argument("--link-mode", choices=LINK_MODES, metavar="MODE", help=text)


def add_script(parser: argparse.ArgumentParser) -> None:
    """A script instead of the project."""
    parser.add_argument("--script", metavar="FILE", help="use the block of this script (PEP 723), not pyproject.toml")
