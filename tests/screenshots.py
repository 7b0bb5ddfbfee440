"""The pictures of docs/progress.md: `python -m tests.screenshots` installs slowly, and keeps what a terminal showed."""

from __future__ import annotations

import io
import random
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.terminal import terminal, watched

_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
_SIZES = {"torch": 90, "nvidia-cudnn-cu12": 60, "scipy": 30, "pandas": 20, "numpy": 16, "scikit-learn": 12}
_PACE = 0.003


def main() -> None:
    """Write the pictures."""
    for columns in (80, 40):
        with tempfile.TemporaryDirectory() as folder, LocalIndex() as index:
            _write(_project(Path(folder), index), columns)


def _project(folder: Path, index: LocalIndex) -> ProjectFolder:
    noise = random.Random(0).randbytes(1_000_000)
    for name, megabytes in _SIZES.items():
        index.publish(name, "2.1.0", files={f"{name}/data.bin": noise * megabytes, f"{name}/__init__.py": ""})
    (folder / "app").mkdir()
    project = ProjectFolder(folder / "app", folder / "cache", index).write(list(_SIZES))
    watched(project, "resolve")
    index.fail(".whl", "drip", seconds=_PACE)
    return project


def _write(project: ProjectFolder, columns: int) -> None:
    """The state with most lines on the screen, halfway through the downloads."""
    seen = watched(project, "install", columns=columns)
    downloading = [number for number, screen in enumerate(seen.screens) if "Downloading" in "".join(screen)]
    most = max(len(seen.screens[number]) for number in downloading)
    full = [number for number in downloading if len(seen.screens[number]) == most]
    *_, screen = terminal(seen.chunks[: full[len(full) // 2] + 1], columns)
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ mvlock install"))
    for row in range(most):
        cells = [screen.buffer[row][column] for column in range(columns)]
        console.print(Text.assemble(*((cell.data, _style(cell.fg)) for cell in cells)), soft_wrap=True)
    console.save_svg(str(_FOLDER / f"install-{columns}.svg"), title=f"{columns} columns")


def _style(color: str) -> str:
    return (
        ""
        if color == "default"
        else f"#{color}"
        if len(color) == 6 and color.isalnum() and color != "yellow"
        else color
    )


if __name__ == "__main__":
    main()
