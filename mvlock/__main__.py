"""``python -m mvlock``."""

import sys

from mvlock.commands import main

if __name__ == "__main__":
    sys.exit(main())
