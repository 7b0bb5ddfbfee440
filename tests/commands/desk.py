"""Scripts in a folder, and command lines on them, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.index import LocalIndex

_ROOT = Path(__file__).parents[2]
MAIN = "import sys; sys.path[0:0] = [sys.argv.pop(1)]; from mvlock.commands import main; sys.exit(main())"

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Desk:
    """A folder with scripts, which know one index, and a cache."""

    folder: Path
    cache: Path
    index: LocalIndex

    def write(
        self, dependencies: Sequence[str] = (), *, tool: str = "", code: str = "", name: str = "compare.py"
    ) -> Path:
        """A script whose block has these requirements; ``tool``: TOML of whole tables."""
        listed = ", ".join(f'"{text}"' for text in dependencies)
        index = f'[[tool.mvlock.index]]\nname = "local"\nurl = "{self.index.url}"\ndefault = true\n'
        toml = f'requires-python = ">=3.10"\ndependencies = [{listed}]\n{tool}\n{index}'
        block = "".join(f"# {line}\n" if line else "#\n" for line in toml.splitlines())
        path = self.folder / name
        path.write_text(f"# /// script\n{block}# ///\n{code}\n", encoding="utf-8")
        return path

    def mvlock(self, *words: str, stdin: str | None = None, folder: Path | None = None) -> Done:
        """A command line in a process of its own, which ``run`` gives to the command."""
        return output_of(self.command(*words), folder or self.folder, stdin=stdin)

    def command(self, *words: str) -> list[str]:
        """The arguments of that process."""
        return [sys.executable, "-c", MAIN, str(_ROOT), "--cache-dir", str(self.cache), *words]

    def environments(self) -> list[Path]:
        """Those in the cache."""
        return sorted(path.parent for path in self.cache.glob("environments-*/*/*/app"))


def output_of(command: Sequence[str], folder: Path, *, stdin: str | None = None) -> Done:
    """What a command prints and returns in a folder; without variables that are options of mvlock."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("MVLOCK_")}
    return subprocess.run(
        command, input=stdin, cwd=folder, env=variables, capture_output=True, encoding="utf-8", check=False
    )
