"""`python -m tests.public CHECKOUTS [NAMES…]`: run public applications' own tests, plain and with mvlock."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import platformdirs

from tests.compat.page import RESULTS as PAIRS_RESULTS
from tests.compat.page import page_text
from tests.compat.page import read_results as read_pairs_results
from tests.public.applications import Application, read_applications
from tests.public.results import RESULTS, Result, Results, compared, read_results
from tests.public.sides import Side, SideError, run_plain, run_tool
from tests.support import interpreters

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"


def main(arguments: list[str] | None = None) -> int:
    """Run the given applications; 0 if the same tests pass on both sides of all."""
    options = _parser().parse_args(arguments)
    applications = read_applications()
    chosen = [one for one in applications if not options.names or one.name in options.names]
    found = [result for one in chosen if (result := _result(one, options)) is not None]
    if options.write:
        _write(applications, found)
    return 0 if len(found) == len(chosen) and not any(one.differences for one in found) else 1


def _parser() -> argparse.ArgumentParser:
    kept = platformdirs.user_cache_path("mvlock-public", appauthor=False)
    parser = argparse.ArgumentParser(prog="python -m tests.public", description=__doc__)
    add = parser.add_argument
    add("checkouts", type=Path, metavar="CHECKOUTS", help="the folder that has a checkout of each, under its name")
    add("names", nargs="*", metavar="NAME", help="applications to run (default: all)")
    add("--keep", type=Path, default=kept, metavar="DIR", help="where the copies are and stay (default: %(default)s)")
    add("--limit", type=float, default=900, metavar="SECONDS", help="per run of tests (default: %(default)s)")
    add("--plain", action="store_true", help="run the plain side again; without it, its stored outcomes are used")
    add("--write", action="store_true", help="write results.json, and docs/compatibility.md from it")
    return parser


def _result(application: Application, options: argparse.Namespace) -> Result | None:
    """The result of both sides; None, with the reason on stderr, if one of them cannot be run."""
    python = interpreters.find(application.python)
    checkout = (options.checkouts / application.name).absolute()
    if python is None or not checkout.is_dir():
        _report(application, f"no CPython {application.python}" if python is None else f"no {checkout}")
        return None
    plain, tool = (
        Side(application, (options.keep / application.name / name).absolute(), python, options.limit)
        for name in ("plain", "tool")
    )
    try:
        before = None if options.plain else plain.stored_outcomes()
        result = compared(application, before or run_plain(plain, checkout), run_tool(tool, checkout))
    except (SideError, subprocess.TimeoutExpired) as error:
        _report(application, str(error))
        return None
    print(f"{application.name}: plain {result.plain}, with mvlock {result.tool}", flush=True)
    for name, outcomes in result.differences.items():
        print(f"    {name}: {outcomes}", flush=True)
    return result


def _report(application: Application, why: str) -> None:
    print(f"{application.name}: {why}", file=sys.stderr, flush=True)


def _write(applications: list[Application], found: list[Result]) -> None:
    """Replace the stored results of these applications."""
    stored = {one.name: one for one in (*read_results().applications, *found)}
    results = Results(applications=[stored[one.name] for one in applications if one.name in stored])
    RESULTS.write_text(results.model_dump_json(indent=1) + "\n", "utf-8")
    _PAGE.write_text(page_text(read_pairs_results(PAIRS_RESULTS)), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
