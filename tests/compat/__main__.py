"""`python -m tests.compat [NAMES…]`: run real old/new pairs of libraries in one process each."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import platformdirs
from rich.console import Console

from mvlock.errors import MvlockError
from tests.compat.judge import Judge, Row, no_two_versions
from tests.compat.page import Results, page_text
from tests.compat.pairs import PAIRS, Pair, read_pairs
from tests.compat.report import print_report, results_json
from tests.compat.wheels import candidate_pairs, index_wheels
from tests.support import interpreters
from tests.support.kept_projects import KeptProjects


def main(arguments: list[str] | None = None) -> int:
    """Run the given pairs; 0 if all pass, 1 if one fails, 2 if the command line is wrong."""
    options = _parser().parse_args(arguments)
    python = interpreters.find(options.python)
    if python is None:
        return _refuse(f"there is no CPython {options.python} here")
    try:
        pairs = _chosen(read_pairs(options.pairs, options.python), options.names)
    except (OSError, ValueError) as error:
        return _refuse(str(error))
    projects = KeptProjects(
        options.keep.absolute(), python, options.python, options.link_mode, no_build=options.find_versions
    )
    judge = Judge(projects, options.limit, options.alone or options.find_versions, options.times)
    try:
        rows = _judge_found(pairs, judge) if options.find_versions else _judge(pairs, judge)
    except MvlockError as error:
        return _refuse(str(error))
    print_report(rows, f"Python {options.python}, projects in {projects.root}", _console())
    _write(results_json(rows, options.python), options)
    return 0 if all(row.passes for row in rows) else 1


def _parser() -> argparse.ArgumentParser:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    kept = platformdirs.user_cache_path("mvlock-compat", appauthor=False)
    parser = argparse.ArgumentParser(prog="python -m tests.compat", description=__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="pairs to run (default: all)")
    add("--python", default=running, metavar="X.Y", help="CPython to run them on (default: %(default)s)")
    add("--pairs", type=Path, default=PAIRS, metavar="FILE", help="where the pairs are from")
    add("--keep", type=Path, default=kept, metavar="DIR", help="where the projects are and stay (default: %(default)s)")
    add("--json", type=Path, metavar="FILE", help="also write the results, with the logs of failures")
    add("--markdown", type=Path, metavar="FILE", help="also write the page of results, docs/compatibility.md")
    add("--link-mode", choices=("reflink", "hardlink", "copy", "symlink"), help="how to install")
    add("--limit", type=float, default=120, metavar="SECONDS", help="per process (default: %(default)s)")
    add("--times", type=int, default=1, metavar="N", help="run every mode N times (default: %(default)s)")
    add("--find-versions", action="store_true", help="take versions that the index has wheels for on that Python")
    add("--alone", action="store_true", help="try what fails with each version alone, too")
    return parser


def _chosen(pairs: list[Pair], names: list[str]) -> list[Pair]:
    """The pairs of these names, in the order of the file; all if there are none."""
    unknown = sorted(set(names) - {pair.name for pair in pairs})
    if unknown:
        raise ValueError(f"no such pair: {', '.join(unknown)} (known: {', '.join(pair.name for pair in pairs)})")
    return [pair for pair in pairs if not names or pair.name in names]


def _judge(pairs: list[Pair], judge: Judge) -> list[Row]:
    return [_printed(judge.judge(pair)) for pair in pairs]


def _judge_found(pairs: list[Pair], judge: Judge) -> list[Row]:
    """Of each pair, the first two versions that have wheels for that Python and work there; else the last tried."""
    rows = []
    with index_wheels(judge.projects.root / "cache", judge.projects.version) as wheels:
        for pair in pairs:
            tried = (_printed(judge.judge(one)) for one in candidate_pairs(pair, wheels))
            row = None
            for row in tried:
                if not row.is_unusable:
                    break
            rows.append(row if row is not None else no_two_versions(pair))
    return rows


def _printed(row: Row) -> Row:
    """Print a row, and return it."""
    answers = " ".join(f"{mode}: {verdict.answer}," for mode, verdict in row.verdicts.items())
    print(f"{row.pair.old}, {row.pair.new}: {answers} {row.total:.1f} s", file=sys.stderr, flush=True)
    return row


def _write(results: str, options: argparse.Namespace) -> None:
    if options.json:
        options.json.write_text(results, "utf-8")
    if options.markdown:
        options.markdown.write_text(page_text(Results.model_validate_json(results)), "utf-8")


def _console() -> Console:
    """As wide as the terminal; where there is none, as wide as the table."""
    return Console() if sys.stdout.isatty() else Console(width=120)


def _refuse(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
