"""Every command: what it does, and its own options. The commands themselves are imported later."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from mvlock.commands.option_groups import (
    add_build,
    add_edit,
    add_lock_use,
    add_lookup,
    add_network,
    add_placing,
    add_script,
    add_section,
    add_selection,
    add_trees,
)

GRAPH_FORMATS = ("dot", "mermaid", "json")
EXPORT_FORMATS = ("pylock", "requirements", "cyclonedx")
PACK_FORMATS = ("tar.zst", "tar.gz", "zip")
SHELLS = ("bash", "zsh", "fish", "powershell")


def _resolve(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-U", "--upgrade", action="store_true", help="allow all versions to change, whatever is locked")
    add("-P", "--upgrade-package", action="append", default=[], metavar="NAME", help="allow NAME to change")
    add("--upgrade-tree", action="append", default=[], metavar="TREE", help="allow all of TREE to change")
    add("--check", action="store_true", help="exit 1 if mv.lock is stale; change nothing")
    add("--dry-run", action="store_true", help="show what would change; change nothing")
    add("--only-host", action="store_true", help="lock for this machine's environment only")
    add("--exclude-newer", metavar="TIME", help="ignore files uploaded later")
    add("--json", action="store_true", help="print what changed as JSON")
    add_script(parser)
    add_build(parser)
    add_network(parser)


def _install(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_lock_use(parser)
    add_placing(parser)
    add("--only", action="append", default=[], metavar="TREE", help="only this tree (repeatable)")
    add("--dry-run", action="store_true", help="show what would be done; change nothing")
    add("--repair", action="store_true", help="check every file, and restore what is damaged")
    add_selection(parser)
    add_build(parser)
    add_network(parser)


def _run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-m", nargs=argparse.REMAINDER, default=[], dest="module", metavar="MODULE …", help="run a module")
    add("--with", action="append", default=[], dest="more", metavar="REQ", help="add REQ, for this run only")
    add("--no-project", action="store_true", help="ignore the project; use only what --with adds")
    add("--env-file", action="append", default=[], metavar="FILE", help="set the variables in this file (repeatable)")
    add_lock_use(parser)
    add_selection(parser)
    add_build(parser)
    add_network(parser)
    add("words", nargs=argparse.REMAINDER, metavar="CMD …", help="the command to run")


def _verify(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--frozen", action="store_true", help="compare with mv.lock as it is, even if it is stale")
    add("--attestations", action="store_true", help="also check who published each file (PEP 740)")
    add("--python", metavar="X.Y|PATH", help="the interpreter to use")
    add_selection(parser)


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--python", metavar="X.Y|PATH", help="the interpreter to use")
    add_selection(parser)


def _upgrade(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("upgrade_package", nargs="*", metavar="NAME", help="only these projects (default: all)")
    add("--tree", action="append", default=[], metavar="TREE", dest="upgrade_tree", help="only this tree (repeatable)")
    add("--dry-run", action="store_true", help="show what would change; change nothing")
    add("--no-install", action="store_true", help="write mv.lock only")
    add("--exclude-newer", metavar="TIME", help="ignore files uploaded later")
    add_selection(parser)
    add_build(parser)
    add_network(parser)


def _list(parser: argparse.ArgumentParser) -> None:
    add_trees(parser)
    parser.add_argument("--outdated", action="store_true", help="the same as mvlock outdated")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_network(parser)


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a project in mv.lock")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _tree(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_trees(parser)
    add("--depth", type=_number, metavar="N", help="show N levels below the names of trees")
    add("--outdated", action="store_true", help="mark projects with newer versions")
    add("--sizes", action="store_true", help="show sizes on disk, alone and with dependencies")
    views = parser.add_mutually_exclusive_group()
    views.add_argument("--invert", metavar="NAME", help="show what needs this project, up to pyproject.toml")
    views.add_argument("--duplicates", action="store_true", help="show projects with several versions, and why")
    views.add_argument("--map", action="store_true", help="show which trees have which projects, and what they share")
    add("--json", action="store_true", help="print it as JSON")
    add_network(parser)


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a project in mv.lock")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_lookup(parser)


def _graph(parser: argparse.ArgumentParser) -> None:
    add_trees(parser)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--format", choices=GRAPH_FORMATS, default=GRAPH_FORMATS[0], help="default: dot (Graphviz)")
    forms.add_argument("--html", nargs="?", const="graph.html", metavar="FILE", help="write an interactive page")
    forms.add_argument("--svg", nargs="?", const="graph.svg", metavar="FILE", help="write the page's map as an image")
    parser.add_argument("--memory", action="store_true", help="with --html: import each tree, and measure its memory")
    add_lookup(parser)


def _outdated(parser: argparse.ArgumentParser) -> None:
    add_trees(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_network(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_trees(parser)
    formats = f"{', '.join(EXPORT_FORMATS)} (default: by the file's extension, else pylock)"
    add("--format", choices=EXPORT_FORMATS, metavar="FORMAT", help=formats)
    text = "a folder (default: the project), or one file for all trees: .toml, .txt, .json; -: standard output"
    add("-o", "--output", metavar="PATH", help=text)
    add("--frozen", action="store_true", help="export mv.lock as it is, even if it is stale")
    add_lookup(parser)


def _licenses(parser: argparse.ArgumentParser) -> None:
    add_trees(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_lookup(parser)


def _audit(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_trees(parser)
    add("--ignore", action="append", default=[], metavar="ID", help="ignore this vulnerability (repeatable)")
    add("--json", action="store_true", help="print it as JSON")
    add("--index-url", metavar="URL", help="the default index, instead of the configured one")


def _pack(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-o", "--output", metavar="FILE", help="the archive, or a folder for it (default: the project)")
    add("--format", choices=PACK_FORMATS, help="default: by the extension of FILE, else tar.zst")
    add("--no-bytecode", action="store_true", help="leave out bytecode: smaller, but the first start is slow")
    add("--frozen", action="store_true", help="pack with mv.lock as it is, even if it is stale")
    add("--python", metavar="X.Y|PATH", help="the interpreter to use")
    add_selection(parser)


def _add(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("requirements", nargs="*", metavar="REQ", help="requirements (PEP 508), paths, URLs of archives, git+URLs")
    add("-e", "--editable", nargs="?", const="", action="append", default=[], metavar="PATH", help="an editable folder")
    add("-r", action="append", default=[], dest="files", metavar="FILE", help="add what this requirements file lists")
    add("--raw", action="store_true", help="as written: add no lower bound to a bare name, and no source for a URL")
    add("--index", metavar="NAME[=URL]", help="take it from this index only; with URL, also add the index")
    revision = parser.add_mutually_exclusive_group()
    for name in ("branch", "tag", "rev"):
        revision.add_argument(f"--{name}", metavar="NAME", help=f"the {name} of a git URL")
    add_section(parser)
    add_script(parser)
    add_edit(parser)
    add_build(parser)
    add_network(parser)


def _remove(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="projects; without any: the whole alias or tree")
    add_section(parser)
    add_script(parser)
    add_edit(parser)
    add_build(parser)
    add_network(parser)


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", metavar="DIR", help="default: the current directory")
    parser.add_argument("--name", help="default: the name of the folder")
    add_script(parser)
    add = parser.add_argument
    sources = (
        "take over requirements.txt, pyproject.toml or a lock of Poetry, PDM or uv, pylock.toml, Pipfile, "
        "environment.yml, or a virtual environment: the file or its folder (repeatable)"
    )
    add("--from", action="append", default=[], dest="sources", metavar="SOURCE", help=sources)
    add("--dry-run", action="store_true", help="with --from: print what would be written")


def _cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("dir", "size", "prune", "clean", "verify"),
        help="dir: print the directory; size: print the size; prune: remove what is unused; clean: remove everything; "
        "verify: check, and remove what is damaged",
    )


def _config(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("action", nargs="?", choices=("set", "unset"), help="change your file; without it: list all settings")
    add("key", nargs="?", metavar="KEY", help="a setting")
    add("value", nargs="?", metavar="VALUE", help="its new value")
    add("--json", action="store_true", help="print the settings as JSON")


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--python", metavar="X.Y|PATH", help="the interpreter to use")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def _version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def _help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", nargs="*", metavar="COMMAND", help="the command (default: list all commands)")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of levels")
    return int(text)


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "init": ("Start a project: write pyproject.toml.", _init),
    "add": ("Add requirements to pyproject.toml, resolve and install.", _add),
    "remove": ("Remove requirements from pyproject.toml, resolve and install.", _remove),
    "resolve": ("Resolve pyproject.toml into mv.lock.", _resolve),
    "install": ("Install mv.lock into py_modules/ and app/.", _install),
    "upgrade": ("Lock newer versions and install them.", _upgrade),
    "run": ("Resolve and install if needed, then run a command.", _run),
    "list": ("List the projects in mv.lock with their versions.", _list),
    "tree": ("Show the trees of mv.lock.", _tree),
    "show": ("Show what mv.lock says about a project.", _show),
    "why": ("Show which requirements need a project.", _why),
    "graph": ("Print the dependency graph.", _graph),
    "outdated": ("List projects with newer versions.", _outdated),
    "licenses": ("List the licenses of what is locked.", _licenses),
    "audit": ("Look for known vulnerabilities in what is locked.", _audit),
    "export": ("Write the trees as files that other programs read.", _export),
    "pack": ("Pack app/ and py_modules/ into an archive for other machines.", _pack),
    "check": ("Check that pyproject.toml, its policy, mv.lock and what is installed match.", _check),
    "verify": ("Compare every file of py_modules/ and app/ with mv.lock.", _verify),
    "doctor": ("Check this machine and this project.", _doctor),
    "cache": ("Manage the cache.", _cache),
    "config": ("List the settings that apply here, or change yours.", _config),
    "completion": ("Print a completion script for a shell.", _completion),
    "version": ("Print the version of mvlock.", _version),
    "help": ("Print the help of a command.", _help),
}

FOR_ALL_MEMBERS = ("resolve", "install", "upgrade", "outdated", "check", "verify")
"""Commands that are, in the root of a workspace, for all of its members."""

SYNONYMS = {
    "licences": "licenses",
    "lock": "resolve",
    "ls": "list",
    "sync": "install",
    "uninstall": "remove",
    "update": "upgrade",
}
"""Words that other tools have for a command. Words for what is no command are in ``words``."""
