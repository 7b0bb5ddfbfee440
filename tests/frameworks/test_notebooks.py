"""Notebooks: client, converter and kernel are dependencies, each a tree; the kernel runs as the application."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.frameworks.application import Application

pytestmark = pytest.mark.index

_DEPENDENCIES = ["nbclient==0.10.2", "nbconvert==7.16.6", "ipykernel==6.30.1", "mistune==0.8.4"]
_ALIASES = '[tool.mvlock.alias]\nclick_old = "click==7.1.2"\nclick_new = "click==8.1.7"\n'
_CELLS = [
    "import click_new, click_old, mine, mistune",
    "print(click_old.__version__, click_new.__version__, mistune.__version__, mine.VALUE)",
    "try:\n    import traitlets\nexcept ImportError:\n    print('only what is declared')",
]
_CLIENT = """
import importshim, nbclient
nbformat = importshim.tree("nbclient").import_module("nbformat")
notebook = nbformat.read("told.ipynb", 4)
nbclient.NotebookClient(notebook, timeout=60).execute()
print(*(output.text for cell in notebook.cells for output in cell.outputs), sep="", end="")
"""
_TOLD = ["7.1.2 8.1.7 0.8.4 3", "only what is declared"]


def _notebook() -> str:
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "execution_count": None, "outputs": [], "source": text}
        for n, text in enumerate(_CELLS)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def notebooks(folder: Path) -> Application:
    """The converter needs a newer mistune than the application pins."""
    files = {"told.ipynb": _notebook(), "client.py": _CLIENT, "mine.py": "VALUE = 3\n"}
    return Application.made(folder, "notebooks", _DEPENDENCIES, files, _ALIASES)


def test_a_client_runs_a_kernel_of_another_tree(notebooks: Application) -> None:
    assert notebooks.run("python", "client.py").splitlines() == _TOLD


def test_the_command_of_an_indirect_dependency_finds_converters_templates_and_kernels(notebooks: Application) -> None:
    output = notebooks.run("jupyter", "nbconvert", "--execute", "--to", "markdown", "--stdout", "told.ipynb")
    assert [line.strip() for line in output.splitlines() if line.strip() in _TOLD] == _TOLD
    kernels = json.loads(notebooks.run("jupyter", "kernelspec", "list", "--json"))["kernelspecs"]
    assert kernels["python3"]["resource_dir"] == str(notebooks.root / "app/share/jupyter/kernels/python3")
