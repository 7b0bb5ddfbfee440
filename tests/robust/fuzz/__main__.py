"""`python -m tests.robust.fuzz TARGET --seconds 600`: fuzz one target, and write the first input of each finding.

With atheris, if it is installed, coverage decides which mutants become seeds; else all mutants are of the seeds.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from tests.robust.fuzz.coverage import fuzz_by_coverage, instrumented, is_possible
from tests.robust.fuzz.running import GROWTH, Run, fuzz


def main() -> int:
    """Exit code 1 if there is a finding."""
    arguments = _arguments()
    is_guided = is_possible() and not arguments.unguided
    with instrumented() if is_guided else nullcontext():
        from tests.robust.fuzz.targets import TARGETS
    if arguments.target not in TARGETS:
        sys.exit(f"the targets are: {', '.join(TARGETS)}")
    target, output = TARGETS[arguments.target], Path(arguments.output)
    if is_guided:
        fuzz_by_coverage(
            target, seed=arguments.seed, seconds=arguments.seconds, finish=lambda run: os._exit(_finish(run, output))
        )
    return _finish(fuzz(target, seed=arguments.seed, seconds=arguments.seconds), output)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.robust.fuzz", description=__doc__)
    parser.add_argument("target", help="its name in targets.py")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1, help="without coverage, the same seed makes the same mutants")
    parser.add_argument("--unguided", action="store_true", help="without atheris, though it is installed")
    parser.add_argument("--output", default="build/fuzz", metavar="DIR", help="for inputs that are not met rightly")
    return parser.parse_args()


def _finish(run: Run, output: Path) -> int:
    print(
        f"{run.target.name}: {run.inputs} inputs, {len(run.findings)} findings, {run.growth // 2**20} MiB more memory"
    )
    for number, finding in enumerate(run.findings.values()):
        output.mkdir(parents=True, exist_ok=True)
        path = output / f"{run.target.name}-{number}"
        path.write_bytes(finding.data)
        print(f"\n{finding.cause} ({path}, {len(finding.data)} bytes)\n{finding.text}")
    sys.stdout.flush()
    return 1 if run.findings or run.growth > GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
