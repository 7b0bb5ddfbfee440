"""Tables of benchmarks/README.md, between markers, from the JSON in results/: `python -m benchmarks.report`.

A table begins with ``<!-- table NAME -->`` and ends with ``<!-- end -->``; what is between is written only here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.measure import Figure, Measurement
from benchmarks.peers import HERE
from benchmarks.results import FOLDER, Results, load
from benchmarks.targets import targets

README = HERE / "README.md"
_PLACE = re.compile(r"(<!-- table (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_STEPS = {
    "resolve": ("resolve-cold", "resolve-warm", "resolve-strict", "uv-compile", "resolve-again"),
    "install": ("install-cold", "install", "uv-install", "install-again"),
    "run": ("start", "plain-start", "import-all"),
}


def print_figures(found: Mapping[str, Mapping[str, Figure]]) -> None:
    """Figures on the terminal."""
    for group, figures in found.items():
        print(f"\n{group}")
        for what, one in figures.items():
            text = (
                one if isinstance(one, str) else f"{one.seconds:9.3f} s {one.cpu:9.3f} s of CPU {one.megabytes:6.0f} MB"
            )
            print(f"  {what:30} {text}", flush=True)


def readme(text: str, results: Mapping[str, Results]) -> str:
    """The page with its tables made of results; a table without results stays empty."""

    def table(match: re.Match[str]) -> str:
        return match[1] + "".join(f"{line}\n" for line in _table(match[2], results)) + match[3]

    return _PLACE.sub(table, text)


def _table(name: str, results: Mapping[str, Results]) -> list[str]:
    if name == "targets":
        figures = (f"| {one.what} | {_known(one.value)} | {one.most:g} | {one.verdict} |" for one in targets(results))
        return ["| figure | found | at most | |", "|---|---|---|---|", *figures]
    if name not in results:
        return []
    rows = _scale(results[name]) if name == "scale" else _side_by_side(results[name])
    return [_conditions(results[name]), "", *rows]


def _known(value: float | None) -> str:
    return "" if value is None else _number(value)


def _conditions(results: Results) -> str:
    return ", ".join(f"{key} {value}" for key, value in results.conditions.items())


def _side_by_side(results: Results) -> Iterator[str]:
    """A table for each workload: what each tool took, and our share of it in the same kind of run."""
    for workload, found in results.figures.items():
        yield from (f"| {workload} | seconds | CPU | MB | mvlock to it (CPU) |", "|---|---|---|---|---|")
        yield from (_row(what, one, found.get(f"{what.split(':')[0]}: mvlock")) for what, one in found.items())
        yield ""


def _row(what: str, one: Figure, ours: Figure | None) -> str:
    if isinstance(one, str):
        return f"| {what} | {one} | | | |"
    if not one.seconds:
        return f"| {what} | | | {one.megabytes:,.0f} | |"
    return f"| {what} | {_number(one.seconds)} | {_number(one.cpu)} | {one.megabytes:.0f} | {_share(what, one, ours)} |"


def _share(what: str, one: Measurement, ours: Figure | None) -> str:
    if not isinstance(ours, Measurement) or ": mvlock" in what:
        return ""
    return f"{_number(ours.seconds / one.seconds)} ({_number(ours.cpu / one.cpu)})"


def _scale(results: Results) -> Iterator[str]:
    """CPU seconds (or wall time in ms, for what is quick) by size, a table for each part, with memory at the end."""
    sizes = list(results.figures)
    for part, steps in _STEPS.items():
        yield from (f"| {part}, trees: | {' | '.join(sizes)} |", f"|---|{'---|' * len(sizes)}")
        for step in steps:
            yield f"| {step} | {' | '.join(_cell(results.figures[size].get(step)) for size in sizes)} |"
        yield ""


def _cell(one: Figure | None) -> str:
    if one is None:
        return ""
    return one if isinstance(one, str) else f"{_number(one.seconds)} s ({_number(one.cpu)}), {one.megabytes:.0f} MB"


def _number(value: float) -> str:
    """Two digits that count."""
    return f"{value:,.0f}" if value >= 10 else f"{float(f'{value:.2g}'):g}"


def available(names: Sequence[str] = ("install", "resolve", "scale")) -> dict[str, Results]:
    """Results that are stored."""
    return {name: load(name) for name in names if (FOLDER / f"{name}.json").exists()}


def main() -> None:
    """Write the tables into the page."""
    README.write_text(readme(README.read_text("utf-8"), available()), "utf-8")


if __name__ == "__main__":
    main()
