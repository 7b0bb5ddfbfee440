"""Run these tests: `python -m tests.robust [--long] [pytest's arguments]`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.robust.amounts import LONG

_OPTION = "--long"


def main() -> int:
    """Run pytest here; its exit code."""
    is_long = _OPTION in sys.argv
    rest = [word for word in sys.argv[1:] if word != _OPTION]
    command = [sys.executable, "-m", "pytest", str(Path(__file__).parent), *rest]
    return subprocess.run(command, env=os.environ | ({LONG: "1"} if is_long else {}), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
