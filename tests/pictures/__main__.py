"""`python -m tests.pictures FOLDER`: the pictures of docs/graph.md, of a large project that is made in FOLDER.

It needs the index, Chromium, and some minutes; pngquant, if there is one, makes the images smaller.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from benchmarks.workloads import WORKLOADS, pyproject
from tests.commands.command_line import run_main
from tests.pictures.browser import chromium

_PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
_TOOL = """
[dependency-groups]
dev = ["ruff==0.6.9"]

[tool.mvlock]
no-build = true

[tool.mvlock.alias]
pandas_old = ["pandas==2.0.3", "numpy<2"]
sklearn_old = { requirement = "scikit-learn==1.3.2", module = "sklearn" }
typer_old = "typer==0.3.2"
fastapi_old = "fastapi==0.99.1"

[tool.mvlock.trees.dask]
constraints = ["pandas<3", "click<8.2"]
"""
_Shot = tuple[str, int, int, Literal["light", "dark"]]
_SHOTS: dict[str, _Shot] = {
    "map.png": ("#map", 1400, 760, "light"),
    "map-dark.png": ("#map", 800, 620, "dark"),
    "why.png": ("#project=numpy", 1400, 1010, "light"),
    "why-dark.png": ("#project=click", 800, 800, "dark"),
    "tree.png": ("#tree=jupyterlab", 1400, 780, "light"),
    "tree-dark.png": ("#tree=sklearn_old", 800, 560, "dark"),
}


def main(folder: Path) -> int:
    """Make the project, its page, and a picture of each view."""
    folder.mkdir(parents=True, exist_ok=True)
    text = pyproject("shop", WORKLOADS["w3"]).replace("bench-shop", "shop")
    (folder / "pyproject.toml").write_text(text + _TOOL, encoding="utf-8")
    page = folder / "graph.html"
    place = ("--project", str(folder))
    for words in (("resolve",), ("install",), ("graph", "--memory", "--html", str(page))):
        if run_main(*place, *words):
            return 1
    _take(page)
    return 0


def _take(page: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        for name, (view, width, height, scheme) in _SHOTS.items():
            shown = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            shown.goto(page.as_uri() + view)
            if name == "tree.png":
                shown.fill("#to", "idna")
                shown.evaluate("document.activeElement.blur()")
            shown.screenshot(path=_PICTURES / name)
            shown.close()
        browser.close()
    if shutil.which("pngquant"):
        words = ["pngquant", "--force", "--ext", ".png", "64", *map(str, sorted(_PICTURES.glob("*.png")))]
        subprocess.run(words, check=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
