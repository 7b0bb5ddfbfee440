"""The demo, from clone to output: `python3 demo/run.py [--mvlock COMMAND] [EXAMPLE ...]`.

Makes demo/.venv with mvlock in it (or takes COMMAND), and for each example: `mvlock resolve`, `mvlock install`,
`app/bin/python main.py`. The last one has a host, started by the Python of its own
environment, demo/plugins/.venv-host. Exits with a code other than 0 if an example fails. Needs only Python and the
package index.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXAMPLES = {
    "my_app": "Two libraries that need different pandas, in one process",
    "migration": "One application that imports two versions of pandas itself",
    "pool": "Frames of two versions of pandas, worked on by one pool of processes",
    "plugins": "A host that mvlock cannot start, and three plugins, one of them added while it runs",
}
HOST_REQUIREMENT = "numpy==1.25.2"
_BIN = "Scripts" if sys.platform == "win32" else "bin"


def set_up() -> Path:
    """Create the environment that mvlock runs in; return the path of the command."""
    environment = HERE / ".venv"
    if sys.version_info < (3, 10):  # noqa: UP036 - started by whatever python3 is there
        sys.exit(f"mvlock needs Python 3.10 or later; this is {sys.version.split()[0]}")
    print(f"Installing mvlock into {environment.relative_to(HERE.parent)}", flush=True)
    venv.create(environment, with_pip=True, clear=True, symlinks=os.name != "nt")
    python = environment / _BIN / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", HERE.parent)
    return environment / _BIN / "mvlock"


def show(example: str, mvlock: Path) -> None:
    """Run one example with the commands a user would type."""
    folder = HERE / example
    project = folder / "project" if example == "plugins" else folder
    print(f"\n== {EXAMPLES[example]} (demo/{example})", flush=True)
    run(mvlock, "resolve", folder=project)
    run(mvlock, "install", folder=project)
    if example == "plugins":
        run(make_host(folder, project), "host.py", mvlock, folder=folder)
    else:
        run(folder / "app" / _BIN / "python", "main.py", folder=folder)


def make_host(folder: Path, project: Path) -> Path:
    """Create the host's environment, with the Python that the project was installed for; return its interpreter."""
    question = "import sys; print(sys._base_executable)"
    done = subprocess.run(
        [str(project / "app" / _BIN / "python"), "-c", question], capture_output=True, text=True, check=True
    )
    environment = folder / ".venv-host"
    python = environment / _BIN / "python"
    run(done.stdout.strip(), "-m", "venv", "--clear", environment, folder=folder)
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", HOST_REQUIREMENT, folder=folder)
    return python


def run(*command: str | Path, folder: Path = HERE) -> None:
    """Run a command, shown first; end with its exit code if it fails."""
    shown = " ".join(_shown(part, folder) if isinstance(part, Path) else part for part in command)
    print(f"$ {shown}", flush=True)
    done = subprocess.run([str(part) for part in command], cwd=folder, check=False)
    if done.returncode:
        sys.exit(f"`{shown}` failed with exit code {done.returncode}")


def _shown(path: Path, folder: Path) -> str:
    """A path as one would type it in ``folder``; the demo's own environment counts as active."""
    if path == HERE.parent:
        return "."
    inside = path.is_relative_to(folder) and not path.is_relative_to(HERE / ".venv")
    return str(path.relative_to(folder)) if inside else path.name


def main() -> None:
    """Run the given examples; without arguments, all."""
    parser = argparse.ArgumentParser(description="Runs the demo.")
    parser.add_argument("--mvlock", type=Path, metavar="COMMAND", help="what to run instead of installing mvlock")
    parser.add_argument("examples", nargs="*", metavar="EXAMPLE", help=f"{', '.join(EXAMPLES)} (default: all)")
    options = parser.parse_args()
    unknown = [example for example in options.examples if example not in EXAMPLES]
    if unknown:
        parser.error(f"there is no example {unknown[0]}")
    mvlock = options.mvlock.absolute() if options.mvlock else set_up()
    for example in options.examples or EXAMPLES:
        show(example, mvlock)
    print("\nThe demo has passed.")


if __name__ == "__main__":
    main()
