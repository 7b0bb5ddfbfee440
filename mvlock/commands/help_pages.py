"""What help says of each command besides its options: imported only when help is printed."""

from __future__ import annotations

from typing import NamedTuple

HEADINGS = {
    "start a project": ("init",),
    "change it": ("add", "remove", "resolve", "install", "upgrade"),
    "run it": ("run",),
    "look at it": ("list", "tree", "show", "why", "graph", "outdated", "licenses", "audit"),
    "share it": ("export", "pack"),
    "maintain it": ("check", "verify", "doctor", "cache", "config", "completion", "version", "help"),
}
"""Every command, by purpose."""


class HelpPage(NamedTuple):
    """``text`` goes on where the line of the table ends; ``examples``: command lines without ``mvlock``."""

    text: str
    examples: tuple[str, ...]


PAGES = {
    "init": HelpPage(
        "Overwrites nothing.",
        ("init", "init shop", "init --from requirements.txt"),
    ),
    "add": HelpPage(
        "All of it happens, or nothing changes. A bare name gets the locked version as its lower bound.",
        ("add httpx", 'add "django>=5" django-filter', "add --dev pytest"),
    ),
    "remove": HelpPage(
        "All of it happens, or nothing changes.",
        ("remove httpx", "remove --dev pytest"),
    ),
    "resolve": HelpPage(
        "Locked versions stay as long as they fit. If nothing that affects the lock has changed, no index is queried.",
        ("resolve", "resolve --upgrade-package flask", "resolve --check"),
    ),
    "install": HelpPage(
        "Only what changed is installed, and trees that are no longer locked are removed. If a "
        "download, check or build fails, the project stays as it was.",
        ("install", "install --no-dev --extra cli", "install --repair"),
    ),
    "upgrade": HelpPage(
        "Versions stay within the requirements in pyproject.toml, which are not changed.",
        ("upgrade", "upgrade flask werkzeug", "upgrade --dry-run"),
    ),
    "run": HelpPage(
        "app/bin is first on the command's PATH. Options of mvlock come before the command.",
        ("run main.py", "run pytest -q", "run --extra cli -- python -m shop"),
    ),
    "list": HelpPage(
        "Prints one line per version, with the trees that contain it.",
        ("list", "list web --json", "list --outdated"),
    ),
    "tree": HelpPage(
        "Then says which trees are one environment at run time, and why others are separate.",
        ("tree flask --depth 2", "tree --invert click", "tree --map"),
    ),
    "show": HelpPage(
        "Prints, for each version, its source, its files, its trees, and what requires it there; if it is installed, "
        "also its summary and license.",
        ("show click", "show click -v", "show click --json"),
    ),
    "why": HelpPage(
        "Prints, for each tree, the shortest path from a requirement to the project.",
        ("why click", "why click --json"),
    ),
    "graph": HelpPage(
        "The default is text for Graphviz; --html writes an interactive page instead.",
        ("graph --html", "graph --format mermaid", "graph web --format json"),
    ),
    "outdated": HelpPage(
        "Prints, for each, the locked version, the version that an upgrade would choose, and the newest.",
        ("outdated", "outdated --json"),
    ),
    "licenses": HelpPage(
        "Licenses are read from the metadata of what is installed, otherwise from the index.",
        ("licenses", "licenses web --json"),
    ),
    "audit": HelpPage(
        "Prints, for each, the versions that fix it, and the version that an upgrade would choose. Exit "
        "code 1 if there are any.",
        ("audit", "audit --ignore CVE-2024-34064", "audit --json"),
    ),
    "export": HelpPage(
        "Each tree becomes pylock.TREE.toml (PEP 751) or requirements.TREE.txt. If PATH is a file, it contains all "
        "trees. "
        "A bill of materials (CycloneDX) is always one file, and needs mvlock[sbom].",
        ("export", "export --output pylock.toml", "export --format cyclonedx --output bom.json"),
    ),
    "pack": HelpPage(
        "The archive runs on any machine with the same Python, without mvlock and without an index.",
        ("pack", "pack --output shop.zip", "pack --no-bytecode"),
    ),
    "check": HelpPage(
        "Does what resolve --check and verify do, and checks that the policy allows all licenses. Exit code 1 if "
        "something does not match; all of it is listed.",
        ("check", "check --no-dev"),
    ),
    "verify": HelpPage(
        "Exit code 1 if something differs. Changes nothing; to repair, run mvlock install --repair.",
        ("verify", "verify --no-dev --extra cli"),
    ),
    "doctor": HelpPage(
        "Exit code 1 if something must be fixed.",
        ("doctor", "doctor --python 3.12"),
    ),
    "cache": HelpPage(
        "The cache can be removed at any time, unless trees were installed with --link-mode symlink.",
        ("cache size", "cache prune", "cache clean"),
    ),
    "config": HelpPage(
        "Settings come from the command line, environment variables, the project, your file, and the machine's "
        "file, in this order.",
        ("config", "config set http-timeout 60", "config unset index-url"),
    ),
    "completion": HelpPage(
        "It completes commands, options, and the names of trees, groups, extras and projects.",
        ("completion bash >> ~/.bashrc", "completion fish | source", "completion powershell >> $PROFILE"),
    ),
    "version": HelpPage(
        "With -v also the Python that runs it, the platform, and the cache.",
        ("version", "version -v", "version --json"),
    ),
    "help": HelpPage(
        "The same as the option --help.",
        ("help", "help install"),
    ),
}

EXIT_CODES = {
    0: "done",
    1: "the request cannot be met: a conflict, a stale lock, a failed check",
    2: "the command line or a file is wrong",
    3: "the network or an index failed",
    4: "a downloaded or built file is bad",
    70: "a bug in mvlock",
}
