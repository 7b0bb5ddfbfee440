"""Plots in docs/ from the JSON in results/, for pages on light and on dark: bars of ratios, cost over size.

Run by the Python of ``tools.txt``, which has pygal, as `python -m benchmarks.plots`: it imports nothing of mvlock.
"""

from __future__ import annotations

import json
import re
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
    colors=("#2f81f7", "#d29922", "#3fb950", "#db61a2", "#a371f7", "#e5534b", "#39c5cf", "#8b6b4a"),
    guide_stroke_color="#7d859066",
    major_guide_stroke_color="#7d859066",
    font_family="sans-serif",
    opacity="1",
    title_font_size=18,
    legend_font_size=13,
    label_font_size=12,
    major_label_font_size=12,
    value_font_size=11,
    value_colors=(_GREY,) * 8,
)
_PEERS = ("uv", "pip", "poetry")
_PLAIN = {
    "js": (),
    "style": _STYLE,
    "disable_xml_declaration": True,
    "width": 840,
    "height": 440,
    "legend_at_bottom": True,
}


def bars(name: str, title: str, kind: str) -> None:
    """What each other tool takes of wall time, to mvlock, from 1 up (slower than mvlock) or down, on a log axis."""
    figures = json.loads((_HERE / "results" / f"{name}.json").read_text("utf-8"))["figures"]
    chart = pygal.Bar(title=title, logarithmic=True, zero=1, print_values=True, print_values_position="top", **_PLAIN)
    chart.value_formatter = lambda value: f"{value:.2g}"
    chart.x_labels = list(figures)
    whats = list(dict.fromkeys(what for found in figures.values() for what in found if what.startswith(f"{kind}: ")))
    drawn: list[tuple[str, list[float | None]]] = []
    for what in whats:
        ratios = [_ratio(found, what, f"{kind}: mvlock") for found in figures.values()]
        if what.startswith(_PEERS, len(kind) + 2) and any(ratios):
            drawn.append((what.partition(": ")[2], ratios))
    for what, ratios in drawn:
        chart.add(what, ratios)
    values = [value for _, ratios in drawn for value in ratios if value is not None]
    chart.range = (min(values) / 1.5, max(values) * 1.5)
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
    drawn = [(step, _points(figures, step)) for step in steps]
    for step, points in drawn:
        if points:
            chart.add(step, points)
    if any(points for _, points in drawn):  # nothing may have been measured of a part
        _write(chart, f"scale-{part}")


def _points(figures: dict[str, dict[str, object]], step: str) -> list[tuple[int, float]]:
    found = ((int(size), steps.get(step)) for size, steps in figures.items())
    return [(size, figure["cpu"]) for size, figure in found if isinstance(figure, dict)]


def _write(chart: pygal.graph.graph.Graph, name: str) -> None:
    chart.uuid = name  # which is random otherwise
    text = re.sub(r"<!--.*?-->", "", chart.render(is_unicode=True), flags=re.DOTALL)  # they say when it was drawn
    (_DOCS / f"benchmark-{name}.svg").write_text(text.rstrip() + "\n", "utf-8")


def main() -> None:
    """Draw what there are results for."""
    have = {path.stem for path in (_HERE / "results").glob("*.json")}
    if "install" in have:
        bars("install", "Installing a tree per dependency, warm: above 1, slower than mvlock", "warm")
    if "resolve" in have:
        bars("resolve", "Resolving, warm: above 1, slower than mvlock", "warm")
        bars("resolve", "Resolving, cold: above 1, slower than mvlock", "cold")
    if "scale" in have:
        curves(
            "resolve", "Resolving", ["resolve-cold", "resolve-warm", "resolve-strict", "uv-compile", "resolve-again"]
        )
        curves(
            "install", "Installing", ["install-cold", "install", "uv-install", "install-again", "start", "import-all"]
        )


if __name__ == "__main__":
    main()
