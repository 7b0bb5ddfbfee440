"""One command line at a time, in this process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mvlock.commands import main
from mvlock.commands.arguments import parse
from mvlock.errors import LocalError
from tests.support.project import ProjectFolder

Mvlock = Callable[..., "Outcome"]
"""``mvlock("resolve", "--check")``, in the project's folder with its own cache."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def told(self) -> list[str]:
        """The lines of standard error, with 0.0 for every time."""
        return re.sub(r"\d+\.\d s\b", "0.0 s", self.err).splitlines()


HEAVY = frozenset(
    {
        *("pydantic", "packaging", "msgspec", "mvlock.lock.model"),
        *("rich", "resolvelib", "urllib3", "tomlkit", "installer", "build"),
        *("dataclasses", "inspect", "threading", "subprocess", "logging", "email", "importlib.metadata"),
        *("shutil", "tempfile", "random", "difflib", "tomllib", "tomli", "datetime"),
    }
)
"""Modules that cost milliseconds: a command that finds nothing to do takes few more."""


def loaded(project: ProjectFolder, *words: str, heavy: frozenset[str] = HEAVY) -> list[str]:
    """What a command in a process of its own says, and which heavy modules it loads."""
    code = (
        "import sys; before = set(sys.modules); from mvlock.commands import main; main(); "
        f"print(sorted({set(heavy)} & set(sys.modules) - before))"
    )
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code, *place, *words], capture_output=True, text=True, env=environment, check=True
    )
    return [done.stderr, done.stdout]


def command_names() -> list[str]:
    """Every command, as the message about an unknown one lists them."""
    try:
        parse(["xyzzy"])
    except LocalError as error:
        return (error.hint or "").removeprefix("commands are ").split(", ")
    raise AssertionError("a command that nobody has is understood")


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file's content, to see that nothing was touched."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def run_main(*words: str) -> int:
    """The exit code of ``main``, also where argparse leaves by SystemExit."""
    try:
        return main(words)
    except SystemExit as leaving:
        return int(leaving.code or 0)
