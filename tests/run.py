"""All tests, from clone to result: `python3 tests/run.py [--environment FOLDER] [pytest's arguments]`.

Makes .venv (or FOLDER) with mvlock and what its tests need, then runs pytest in it. `--only-setup` stops before pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_BIN = "Scripts" if sys.platform == "win32" else "bin"
_OPTION = "--environment"


def set_up(environment: Path) -> Path:
    """Make the environment unless it is there for this Python and this pyproject.toml; its Python."""
    python, stamp = environment / _BIN / "python", environment / "made-from"
    wanted = f"{sys.version}\n{(ROOT / 'pyproject.toml').read_text('utf-8')}"
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return python
    print(f"Making {environment.name}", flush=True)
    venv.create(environment, with_pip=True, clear=True, symlinks=os.name != "nt")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True)
    subprocess.run([*pip, "--editable", str(ROOT), "--group", f"{ROOT / 'pyproject.toml'}:dev"], check=True)
    stamp.write_text(wanted, "utf-8")
    return python


def main() -> int:
    """Set up and run pytest; its exit code."""
    name, arguments = ".venv", sys.argv[1:]
    if arguments[:1] == [_OPTION]:
        _, name, *arguments = arguments
    python = set_up(ROOT / name)
    if arguments == ["--only-setup"]:
        return 0
    return subprocess.run([str(python), "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
