"""``python -m tests.site [FOLDER]``: build the documentation as a site (default: build/site)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.site.build import DEFAULT_FOLDER, build_site


def main() -> int:
    """Build it; the exit code."""
    folder = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else DEFAULT_FOLDER
    try:
        build_site(folder)
    except subprocess.CalledProcessError as error:
        return error.returncode
    print(f"The site is in {folder}; to read it with its search: python -m http.server --directory {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
