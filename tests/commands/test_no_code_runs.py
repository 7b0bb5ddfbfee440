"""Nothing in a wheel runs when its project is resolved, installed, looked at or packed: only in the application."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

COMMANDS = [
    ("resolve",),
    ("resolve", "--upgrade"),
    ("install",),
    ("install", "--repair"),
    ("verify",),
    ("check",),
    ("list",),
    ("tree",),
    ("why", "evil"),
    ("show", "evil"),
    ("graph",),
    ("outdated",),
    ("export",),
    ("pack",),
    ("cache", "verify"),
]


@pytest.fixture
def marker(tmp_path: Path, index: LocalIndex, project: ProjectFolder) -> Path:
    """A file that any code of the wheel ``evil`` would write."""
    place = tmp_path / "code-ran"
    code = f"open({str(place)!r}, 'a').write(__file__ if '__file__' in globals() else 'started')\n"
    index.publish(
        "evil",
        "1.0",
        scripts={"evil": "evil:main", "python-evil": "evil:main"},
        files={
            "evil/__init__.py": code,
            "evil/__main__.py": code,
            "evil.pth": "import evil\n",
            "evil.start": "evil:main\n",
            "sitecustomize.py": code,
            "usercustomize.py": code,
            "setup.py": code,
            "conftest.py": code,
            "evil-1.0.data/scripts/tool": f"#!python\n{code}",
            "evil-1.0.data/data/share/evil/postinstall.sh": f"#!/bin/sh\ntouch {place}\n",
            "evil-1.0.data/purelib/json/__init__.py": code,
            "encodings/utf_8.py": code,
        },
    )
    index.publish("more", "1.0", requires=["evil"])
    project.write(["evil", "more"], tool='alias.other = { requirement = "evil", module = "evil" }')
    return place


def test_commands_run_no_code_of_wheels(mvlock: Mvlock, marker: Path) -> None:
    for words in COMMANDS:
        done = mvlock(*words)
        assert done.code == 0, (words, done.err)
        assert not marker.exists(), f"mvlock {' '.join(words)} ran code of a wheel: {marker.read_text()}"


def test_the_application_does_run_it(mvlock: Mvlock, marker: Path, project: ProjectFolder) -> None:
    """The marker works: otherwise the other test could not fail."""
    assert mvlock("install").code == 0
    subprocess.run([project.root / "app" / "bin" / "python", "-c", "import evil"], check=True)
    assert marker.exists()


def test_code_in_the_current_directory_is_not_taken_for_a_library(
    mvlock: Mvlock, marker: Path, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interpreters that mvlock starts ignore the folder they are started in, and PYTHON… variables."""
    hostile = f"open({str(marker)!r}, 'w').write(__file__)\n"
    for name in ("json.py", "zipfile.py", "sitecustomize.py", "compileall.py", "platform.py"):
        project.add_file(name, hostile)
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("PYTHONPATH", os.fspath(project.root))
    monkeypatch.setenv("PYTHONSTARTUP", os.fspath(project.root / "json.py"))
    for words in (("resolve",), ("install",), ("verify",)):
        assert mvlock(*words).code == 0
        assert not marker.exists(), f"mvlock {' '.join(words)} ran {marker.read_text()}"
