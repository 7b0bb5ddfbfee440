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
"""Every command, by what one wants."""


class HelpPage(NamedTuple):
    """``text`` goes on where the line of the table ends; ``examples``: command lines without ``mvlock``."""

    text: str
    examples: tuple[str, ...]


PAGES = {
    "init": HelpPage(
        "It also makes git ignore what mvlock generates, and overwrites nothing.",
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
        "Only what changed is installed, and trees that are no longer locked are removed. Nothing in the project "
        "changes until everything is downloaded, verified and built.",
        ("install", "install --no-dev --extra cli", "install --repair"),
    ),
    "upgrade": HelpPage(
        "Requirements in pyproject.toml stay as they are: they limit what is newer.",
        ("upgrade", "upgrade flask werkzeug", "upgrade --dry-run"),
    ),
    "run": HelpPage(
        "The command has app/bin first on PATH. mvlock's own options come before it.",
        ("run main.py", "run pytest -q", "run --extra cli -- python -m shop"),
    ),
    "list": HelpPage(
        "A line for each version, with the trees that have it.",
        ("list", "list web --json", "list --outdated"),
    ),
    "tree": HelpPage(
        "Each tree has what it requires below it. Then come the trees that are one environment at run time.",
        ("tree flask --depth 2", "tree --invert click", "tree --map"),
    ),
    "show": HelpPage(
        "For each version: where it comes from, its files, its trees, and what requires it there. Summary and license "
        "are shown if it is installed.",
        ("show click", "show click -v", "show click --json"),
    ),
    "why": HelpPage(
        "For each tree, the shortest path from a requirement to the project.",
        ("why click", "why click --json"),
    ),
    "graph": HelpPage(
        "As text for programs that draw or count, or with --html as a page to look at.",
        ("graph --html", "graph --format mermaid", "graph web --format json"),
    ),
    "outdated": HelpPage(
        "For each, the locked version, the one that an upgrade would choose, and the newest.",
        ("outdated", "outdated --json"),
    ),
    "licenses": HelpPage(
        "As their metadata declares them: what is installed is read, then the index is asked.",
        ("licenses", "licenses web --json"),
    ),
    "audit": HelpPage(
        "For each, the versions that fix it, and the one that an upgrade would choose. Exit code 1 if there are any.",
        ("audit", "audit --ignore CVE-2024-34064", "audit --json"),
    ),
    "export": HelpPage(
        "A tree becomes pylock.TREE.toml (PEP 751) or requirements.TREE.txt; if PATH is a file, all trees are in it. "
        "A bill of materials (CycloneDX) is always one file, and needs mvlock[sbom].",
        ("export", "export --output pylock.toml", "export --format cyclonedx --output bom.json"),
    ),
    "pack": HelpPage(
        "It runs wherever the same Python is, without mvlock and without an index.",
        ("pack", "pack --output shop.zip", "pack --no-bytecode"),
    ),
    "check": HelpPage(
        "The same as resolve --check and verify, and whether the policy allows all licenses. Exit code 1 if something "
        "does not match, with all that does not.",
        ("check", "check --no-dev"),
    ),
    "verify": HelpPage(
        "Exit code 1 if something differs. Nothing is changed: mvlock install --repair does that.",
        ("verify", "verify --no-dev --extra cli"),
    ),
    "doctor": HelpPage(
        "Exit code 1 if something must be fixed.",
        ("doctor", "doctor --python 3.12"),
    ),
    "cache": HelpPage(
        "The cache can be removed at any time. Only trees of symbolic links need it.",
        ("cache size", "cache prune", "cache clean"),
    ),
    "config": HelpPage(
        "Settings are from the command line, variables, the project, your file and the machine's.",
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
        "It is what the option --help prints.",
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
