"""How each tool is called: with the same files, the same Python, caches of its own, and what its users give it.

uv gets the absolute path of the interpreter, so that it does not look for one, and an index whose pages stay fresh
(``mirror``), so that it does not ask again. pip and poetry are those of ``tools.txt``, in an environment that is made
once in ``.cache`` beside this file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.specifiers import SpecifierSet

from benchmarks.workloads import pyproject
from mvlock.interpreter.search import find_interpreter

HERE = Path(__file__).parent
CACHE = HERE / ".cache"
Command = list[str | Path]


class Tools:
    """The commands of all tools in a ``folder``, which has their caches, with the index at a URL."""

    def __init__(self, folder: Path, index: str) -> None:
        self.index = index
        self.python = find_interpreter(SpecifierSet("==3.11.*")).path
        self.uv = uv()
        self.variables = variables() | {
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": str(folder / "uv-cache"),
            "UV_LINK_MODE": "hardlink",
            "UV_DEFAULT_INDEX": index,
            "MVLOCK_CACHE_DIR": str(folder / "mvlock-cache"),
            "MVLOCK_INDEX_URL": index,
            "PIP_CACHE_DIR": str(folder / "pip-cache"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": index,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "POETRY_CACHE_DIR": str(folder / "poetry-cache"),
            "POETRY_CONFIG_DIR": str(folder / "poetry-config"),
            "POETRY_VIRTUALENVS_IN_PROJECT": "true",
            "POETRY_KEYRING_ENABLED": "false",
        }

    def mvlock(self, project: Path, *words: str) -> Command:
        """A command of the mvlock beside this Python, with no bars."""
        command = Path(sys.executable).with_name("mvlock")
        return [command, "--no-progress", "--quiet", "--project", project, *words]

    def mvlock_install(self, project: Path, *options: str) -> Command:
        """Install from the lock."""
        return self.mvlock(project, "install", "--python", str(self.python), *options)

    def uv_venv(self, place: Path) -> Command:
        """Make an environment."""
        return [self.uv, "venv", "--quiet", "--python", self.python, place]

    def uv_pip_sync(self, place: Path, requirements: Path, *options: str) -> Command:
        """Fill it."""
        python = place / "bin" / "python"
        return [self.uv, "pip", "sync", "--quiet", "--python", python, *options, requirements]

    def uv_sync(self, project: Path, *options: str) -> Command:
        """Make and fill the environment of a project that is locked."""
        words = ["sync", "--quiet", "--frozen", "--no-install-project", *options]
        return [self.uv, *words, "--python", self.python, "--project", project]

    def uv_lock(self, project: Path, *options: str) -> Command:
        """Lock a project."""
        return [self.uv, "lock", "--quiet", "--python", self.python, "--project", project, *options]

    def uv_compile(self, wanted: Path, made: Path, *options: str) -> Command:
        """Lock requirements into a file as pip reads it."""
        words = ["pip", "compile", "--quiet", "--no-header", "--generate-hashes", *options]
        return [self.uv, *words, "--python", self.python, wanted, "-o", made]

    def venv(self, place: Path) -> Command:
        """Make an environment without pip, for the one pip of ours."""
        return [self.python, "-m", "venv", "--without-pip", place]

    def pip_install(self, place: Path, requirements: Path) -> Command:
        """Fill it by pip."""
        words = ["install", "--quiet", "--no-deps", "--require-hashes"]
        return [tool("python"), "-m", "pip", "--python", place / "bin" / "python", *words, "-r", requirements]

    def pip_dry_run(self, report: Path, requirements: list[str]) -> Command:
        """What pip resolves, for this platform alone."""
        words: Command = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", report]
        return [tool("python"), "-m", "pip", *words, *requirements]

    def poetry(self, project: Path, *words: str) -> Command:
        """A command of poetry."""
        return [tool("poetry"), *words, "--no-interaction", "--quiet", "--directory", project]

    def project(self, folder: Path, name: str, dependencies: list[str]) -> None:
        """Write a project that all tools read."""
        folder.mkdir(parents=True, exist_ok=True)
        source = f'\n[[tool.poetry.source]]\nname = "mirror"\nurl = "{self.index}"\npriority = "primary"\n'
        ours = '\n[tool.mvlock]\nignore-tools = ["poetry"]\n'
        text = pyproject(name, dependencies) + ours + "\n[tool.poetry]\npackage-mode = false\n" + source
        (folder / "pyproject.toml").write_text(text, "utf-8")


def uv() -> Path:
    """uv beside this Python or on PATH."""
    beside, found = Path(sys.executable).with_name("uv"), shutil.which("uv")
    if not beside.exists() and found is None:
        sys.exit("The benchmarks compare with uv, which is not on PATH: pip install uv")
    return beside if beside.exists() else Path(str(found))


def variables() -> dict[str, str]:
    """The environment with this mvlock, which may keep its own bytecode as an installed one has it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_", "UV_"))}
    return kept | {"PYTHONPATH": str(HERE.parent)}


def tool(name: str) -> Path:
    """A program of the environment of ``tools.txt``, which is made if it is not there or not up to date."""
    place, pinned = CACHE / "tools", (HERE / "tools.txt").read_text("utf-8")
    done = place / "tools.txt"
    if not done.exists() or done.read_text("utf-8") != pinned:
        CACHE.mkdir(exist_ok=True)
        (CACHE / ".gitignore").write_text("*\n", "utf-8")
        python = find_interpreter(SpecifierSet("==3.11.*")).path
        subprocess.run([python, "-m", "venv", "--clear", place], check=True)
        pip: Command = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", HERE / "tools.txt"], check=True)
        done.write_text(pinned, "utf-8")
    return place / "bin" / name
