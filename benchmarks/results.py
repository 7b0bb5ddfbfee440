"""Figures as JSON in ``results/``: what is measured writes them, tables and plots are made of them.

``{"conditions": {…}, "figures": {group: {what: {"seconds": …, "cpu": …, "megabytes": …} or a reason}}}``, where a group
is a workload or a number of trees. The conditions name tools, runs and the number of processors, never a machine.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measure import Figure, Measurement

FOLDER = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Results:
    """What one benchmark found, and under which conditions."""

    conditions: Mapping[str, object]
    figures: Mapping[str, Mapping[str, Figure]]


def conditions(uv: Path, runs: int) -> dict[str, object]:
    """What a reader must know of a run."""
    version = subprocess.run([uv, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    return {"python": platform.python_version(), "uv": version, "processors": os.cpu_count(), "runs": runs}


def save(name: str, results: Results) -> None:
    """Keep figures; what was not measured this time stays only if the conditions are the same."""
    before = load(name) if (FOLDER / f"{name}.json").exists() else None
    kept = before.figures if before is not None and before.conditions == results.conditions else {}
    figures = {
        group: {what: _encoded(one) for what, one in {**kept.get(group, {}), **results.figures.get(group, {})}.items()}
        for group in {**kept, **results.figures}
    }
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps({"conditions": results.conditions, "figures": figures}, indent=1)
    (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


def load(name: str) -> Results:
    """Figures that were kept."""
    read = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    figures = {group: {what: _decoded(one) for what, one in found.items()} for group, found in read["figures"].items()}
    return Results(read["conditions"], figures)


def _encoded(figure: Figure) -> object:
    if isinstance(figure, str):
        return figure
    return {key: float(f"{value:.3g}") for key, value in asdict(figure).items()}


def _decoded(read: str | Mapping[str, float]) -> Figure:
    return read if isinstance(read, str) else Measurement(**read)
