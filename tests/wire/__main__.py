"""`python -m tests.wire [KINDS…]`: objects of several versions, sent to another process and back in every way."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import platformdirs

from tests.support import interpreters
from tests.support.kept_projects import KeptProjects, ToolError
from tests.support.tables import platform_kind
from tests.wire.cells import ALIASES, KINDS, ORIGINS, SIDES, WAYS, Origin, Side, all_pins, pins
from tests.wire.judge import RIGHT, Cell, judged, judged_function
from tests.wire.page import Objects, Run, page_text, read_results
from tests.wire.projects import ALONE, BESIDE, application, plain
from tests.wire.run import Programs

Alone = dict[tuple[Side, str], dict[str, dict[str, Any]]]


def main(arguments: list[str] | None = None) -> int:
    """Send everything; 0 if nothing is wrong or broken, 1 if something is, 2 if the command line is wrong."""
    options = _parser().parse_args(arguments)
    python = interpreters.find(options.python)
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown:
        return _refuse(f"no such kind: {', '.join(unknown)}")
    if python is None or options.python not in all_pins():
        return _refuse(f"there is no CPython {options.python}, or no versions are recorded for it")
    try:
        run = _run(KeptProjects(options.keep.absolute(), python, options.python), options)
    except ToolError as error:
        return _refuse(str(error))
    _write(run, options)
    return 0 if all(cell.answer in RIGHT for cell in run.all_cells) else 1


def _parser() -> argparse.ArgumentParser:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    kept = platformdirs.user_cache_path("mvlock-compat", appauthor=False)
    parser = argparse.ArgumentParser(prog="python -m tests.wire", description=__doc__)
    add = parser.add_argument
    add("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)} (default: all)")
    add("--python", default=running, metavar="X.Y", help="CPython to run on (default: %(default)s)")
    add("--keep", type=Path, default=kept, metavar="DIR", help="where the projects are and stay (default: %(default)s)")
    add("--limit", type=float, default=400, metavar="SECONDS", help="per process (default: %(default)s)")
    add("--json", type=Path, metavar="FILE", help="put the results into it, beside those of other Pythons")
    add(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="write the page of the results in FILE of --json, docs/pickling.md",
    )
    return parser


def _run(projects: KeptProjects, options: argparse.Namespace) -> Run:
    kinds = options.kinds or list(KINDS)
    with plain(projects) as kept:
        kept.make()
        alone = {
            (side, kind): Programs(kept.folder, kept.tree(side), options.limit).send(
                Origin("", "by_own", "by_own", side), kind, WAYS
            )
            for side in SIDES
            for kind in kinds
        }
    versions = pins(options.python)
    with application(projects, BESIDE) as kept:
        kept.make()
        programs = Programs(kept.folder, kept.application, options.limit)
        beside = _objects(programs, ORIGINS, kinds, alone, versions)
        functions = _functions(programs, versions) if not options.kinds else {}
    with application(projects, ALONE) as kept:
        kept.make()
        aliases = _objects(Programs(kept.folder, kept.application, options.limit), ALIASES, kinds, alone, versions)
    return Run(
        python=options.python,
        platform=platform_kind(),
        versions=versions,
        beside=beside,
        aliases=aliases,
        functions=functions,
    )


def _objects(
    programs: Programs,
    origins: Sequence[Origin],
    kinds: Sequence[str],
    alone: Alone,
    versions: dict[Side, dict[str, str]],
) -> list[Objects]:
    found = []
    for origin in origins:
        cells = {}
        for kind in kinds:
            sent = programs.send(origin, kind, WAYS)
            reference = alone[origin.side, kind]
            cells[kind] = {way: judged(sent[way], reference[way], versions[origin.side]) for way in WAYS}
            _report(f"{origin.maker}, sent by {origin.sender}, {kind}", cells[kind])
        found.append(Objects(title=origin.title, side=origin.side, cells=cells))
    return found


def _functions(programs: Programs, versions: dict[Side, dict[str, str]]) -> dict[str, dict[str, Cell]]:
    found: dict[str, dict[str, Cell]] = {}
    for sent in programs.send_functions():
        cell = found.setdefault(sent["case"], {})[sent["way"]] = judged_function(sent, versions)
        _report(f"a function that {sent['case']}", {sent["way"]: cell})
    return found


def _report(what: str, cells: dict[str, Cell]) -> None:
    """Print the results of a row."""
    counts = Counter(cell.answer for cell in cells.values())
    report = ", ".join(f"{count} {answer}" for answer, count in counts.items())
    print(f"{what}: {report} ({sum(cell.seconds for cell in cells.values()):.0f} s)", file=sys.stderr, flush=True)
    for way, cell in cells.items():
        if cell.answer != "same":
            print(f"    {way}: {cell.answer}: {cell.why}", file=sys.stderr, flush=True)


def _write(run: Run, options: argparse.Namespace) -> None:
    if options.json:
        results = read_results(options.json).with_run(run)
        options.json.write_text(results.model_dump_json(indent=1) + "\n", "utf-8")
    if options.markdown and options.json:
        options.markdown.write_text(page_text(read_results(options.json)), "utf-8")


def _refuse(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
