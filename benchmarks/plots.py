"""Plots in docs/ from the JSON in results/, for pages on light and on dark: bars of ratios, cost over size.

Run by the Python of ``tools.txt``, which has pygal, as `python -m benchmarks.plots`: it imports nothing of mvlock.
"""

from __future__ import annotations

import json
from pathlib import Path

import pygal
from pygal.style import Style

_HERE = Path(__file__).parent
_DOCS = _HERE.parent / "docs"
_GREY = "#7d8590"
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground=_GREY,
    foreground_strong=_GREY,
    foreground_subtle=_GREY,
    colors=("#2f81f7", "#d29922", "#3fb950", "#db61a2", "#a371f7", "#e5534b", "#39c5cf"),
    font_family="sans-serif",
    opacity="1",
    title_font_size=18,
    legend_font_size=13,
    label_font_size=12,
    major_label_font_size=12,
    value_font_size=11,
    value_colors=(_GREY,) * 7,
)
_PLAIN = {
    "js": (),
    "style": _STYLE,
    "no_prefix": True,
    "disable_xml_declaration": True,
    "width": 840,
    "height": 440,
    "legend_at_bottom": True,
}


def bars(name: str, title: str, kind: str) -> None:
    """What each tool takes of wall time, to mvlock, on log axes: 1 is as quick as mvlock."""
    figures = json.loads((_HERE / "results" / f"{name}.json").read_text("utf-8"))["figures"]
    chart = pygal.Bar(title=title, logarithmic=True, print_values=True, **_PLAIN)
    chart.value_formatter = lambda value: f"{value:.2g}"
    chart.x_labels = list(figures)
    whats = list(dict.fromkeys(what for found in figures.values() for what in found if what.startswith(f"{kind}: ")))
    for what in whats:
        ratios = [_ratio(found, what, f"{kind}: mvlock") for found in figures.values()]
        if "nothing" not in what and any(ratios):
            chart.add(what.partition(": ")[2], ratios)
    _write(chart, f"{name}-{kind}")


def _ratio(found: dict[str, object], what: str, ours: str) -> float | None:
    one, base = found.get(what), found.get(ours)
    return one["seconds"] / base["seconds"] if isinstance(one, dict) and isinstance(base, dict) else None


def curves(part: str, title: str, steps: list[str]) -> None:
    """CPU seconds over the number of trees, both on log axes."""
    figures = json.loads((_HERE / "results" / "scale.json").read_text("utf-8"))["figures"]
    chart = pygal.XY(title=title, logarithmic=True, x_title="trees", y_title="seconds of CPU", **_PLAIN)
    chart.value_formatter = lambda value: f"{value:g}"
    chart.x_labels = [int(size) for size in figures]
    for step in steps:
        points = [
            (int(size), found[step]["cpu"]) for size, found in figures.items() if isinstance(found.get(step), dict)
        ]
        if points:
            chart.add(step, points)
    _write(chart, f"scale-{part}")


def _write(chart: pygal.graph.graph.Graph, name: str) -> None:
    (_DOCS / f"benchmark-{name}.svg").write_text(chart.render(is_unicode=True).rstrip() + "\n", "utf-8")


def main() -> None:
    """Draw what there are results for."""
    have = {path.stem for path in (_HERE / "results").glob("*.json")}
    if "install" in have:
        bars("install", "Installing a tree per dependency, warm: wall time to mvlock's", "warm")
    if "resolve" in have:
        bars("resolve", "Resolving, warm: wall time to mvlock's", "warm")
        bars("resolve", "Resolving, cold: wall time to mvlock's", "cold")
    if "scale" in have:
        curves(
            "resolve", "Resolving", ["resolve-cold", "resolve-warm", "resolve-strict", "uv-compile", "resolve-again"]
        )
        curves(
            "install", "Installing", ["install-cold", "install", "uv-install", "install-again", "start", "import-all"]
        )


if __name__ == "__main__":
    main()
