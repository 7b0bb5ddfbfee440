"""Points unpacked environments at the Python that runs this: `python3.11 app/unpack.py`.

Needed if Python is at another path than on the machine that made the archive. May be run again at any time.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import sysconfig
from pathlib import Path

ARCHIVE = json.loads("@ARCHIVE@")


def main() -> int:
    """Point all environments of the archive at this Python, or say why it cannot run them."""
    problem = _mismatch()
    if problem:
        sys.stderr.write(f"error: {problem}\n")
        return 1
    here, base = Path(__file__).resolve().parent, _base()
    for place in ARCHIVE["environments"]:
        _point_to(here / place, base)
    sys.stdout.write(f"{here / ARCHIVE['scripts'] / ARCHIVE['executables'][0]} now points to {base}\n")
    return 0


def _mismatch() -> str:
    """Why this Python cannot run what was compiled for another one; empty if it can."""
    version = "{}.{}".format(*sys.version_info)
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    if [version, suffix, platform.machine()] == [ARCHIVE["version"], ARCHIVE["suffix"], ARCHIVE["machine"]]:
        return ""
    wanted = f"Python {ARCHIVE['version']} on {ARCHIVE['machine']} ({ARCHIVE['suffix']})"
    return f"this archive is for {wanted}, not for Python {version} on {platform.machine()} ({suffix})"


def _base() -> Path:
    """The base interpreter, also if a virtual environment's interpreter runs this."""
    if os.name == "nt":
        return Path(sys.base_prefix, "python.exe")
    found = Path(sys.base_prefix, "bin", f"python{ARCHIVE['version']}")
    return found if os.access(found, os.X_OK) else Path(os.path.realpath(sys.executable))


def _point_to(environment: Path, base: Path) -> None:
    scripts = environment / ARCHIVE["scripts"]
    for name in ARCHIVE["executables"]:
        temporary = scripts / f".{name}.new"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(base)
        temporary.replace(scripts / name)
    settings = {
        "home": base.parent,
        "include-system-site-packages": "false",
        "version": platform.python_version(),
    }
    temporary = environment / ".pyvenv.cfg.new"
    temporary.write_text("".join(f"{key} = {value}\n" for key, value in settings.items()), "utf-8")
    temporary.replace(environment / "pyvenv.cfg")


if __name__ == "__main__":
    sys.exit(main())
