"""Everything: `python -m benchmarks [--quick]`.

Measures installing, resolving, run time and scale, keeps the figures in results/, and makes the tables of README.md and
the plots in docs/ of them. ``--quick`` takes one run of w1 and of small sizes, to see that all works, and keeps none.
``--only-report`` measures nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.peers import HERE, tool, variables

_FULL: dict[str, list[str]] = {"install": [], "resolve": [], "runtime": ["--save"], "scale": []}
_QUICK = {
    "install": ["w1", "--runs", "1", "--quick"],
    "resolve": ["w1", "--runs", "1", "--quick"],
    "runtime": ["--rounds", "3"],
    "scale": ["--sizes", "10,50", "--limit", "60", "--quick"],
}


def main() -> None:
    """Run each benchmark in a process of its own, one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only-report", action="store_true", help="make tables and plots of the figures that are kept")
    arguments = parser.parse_args()
    measured = {} if arguments.only_report else _QUICK if arguments.quick else _FULL
    for name, options in measured.items():
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=True, cwd=HERE.parent)
    if arguments.quick:
        return
    subprocess.run([sys.executable, "-m", "benchmarks.report"], check=True, cwd=HERE.parent)
    subprocess.run([str(tool("python")), "-m", "benchmarks.plots"], check=True, cwd=HERE.parent, env=variables())


if __name__ == "__main__":
    main()
