"""All tests, from clone to result: `python3 tests/run.py [pytest's arguments]`.

Makes .venv with mvlock and what its tests need, then runs pytest in it. `--only-setup` stops before pytest.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
_BIN = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
_STAMP = ENVIRONMENT / "made-from"


def set_up() -> None:
    """Make .venv unless it is there for this Python and this pyproject.toml."""
    wanted = f"{sys.version}\n{(ROOT / 'pyproject.toml').read_text('utf-8')}"
    if _STAMP.exists() and _STAMP.read_text("utf-8") == wanted:
        return
    print(f"Making {ENVIRONMENT.name}", flush=True)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    pip = [str(_BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True)
    subprocess.run([*pip, "--editable", str(ROOT), "--group", f"{ROOT / 'pyproject.toml'}:dev"], check=True)
    _STAMP.write_text(wanted, "utf-8")


def main() -> int:
    """Set up and run pytest; its exit code."""
    set_up()
    arguments = sys.argv[1:]
    if arguments == ["--only-setup"]:
        return 0
    return subprocess.run([str(_BIN / "python"), "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
