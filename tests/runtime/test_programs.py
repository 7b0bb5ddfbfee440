"""Modules of trees that run as programs: ``python -m`` and ``runpy``."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld

_CLI = """
import sys, importlib
import lib
from .part import word
from {0}.part import word as again
def main(): return __import__("lib").v, word, again, __name__, __package__, __spec__.name
if __name__ == "__main__":
    import lib.late
    print(*main(), lib.late.__name__, *sys.argv[1:])
    try: importlib.import_module("mine")
    except ModuleNotFoundError as error: print(error)
"""


@pytest.fixture
def programs(world: TreeWorld) -> TreeWorld:
    """Trees a and b have a lib each, and a program that only they have; c one that the application may not import."""
    for name in "abc":
        tool = f"tool_{name}"
        world.tree(
            name,
            {
                "lib/__init__.py": f"v = {name!r}\n",
                "lib/late.py": "",
                "lib/__main__.py": "import lib\nprint('main of', lib.v, __name__)\n",
                f"{tool}/__init__.py": "",
                f"{tool}/part.py": f"word = {name!r}\n",
                f"{tool}/cli.py": _CLI.format(tool),
                f"{tool}/__main__.py": f"import {tool}.cli, lib\nprint('package', *{tool}.cli.main())\n",
            },
        )
    world.file("mine.py", "print('mine of the application')\n")
    return world.expose(tool_a="a", tool_b="b").alias("cc", "c", "tool_c").alias("lib_old", "b", "lib")


def _run(world: TreeWorld, *arguments: str) -> str:
    """``python -m`` with ``arguments``."""
    return world.run(
        f"import sys, runpy\nsys.argv[:] = {['-m', *arguments[1:]]!r}\nrunpy._run_module_as_main({arguments[0]!r})"
    )


def test_a_program_of_a_tree_imports_what_the_tree_does(programs: TreeWorld) -> None:
    output = _run(programs, "tool_a.cli", "x", "y").splitlines()
    assert output == ["a a a __main__ tool_a tool_a.cli lib.late x y", "mine of the application"]
    assert _run(programs, "tool_b") == "package b b b tool_b.cli tool_b tool_b.cli"


def test_a_program_is_found_by_alias_and_under_py_modules(programs: TreeWorld) -> None:
    assert _run(programs, "cc.cli").startswith("c c c __main__ tool_c tool_c.cli")
    assert _run(programs, "cc").startswith("package c c c")
    assert _run(programs, "lib_old") == "main of b __main__"
    for tree in "abc":
        assert _run(programs, f"py_modules.{tree}.lib") == f"main of {tree} __main__"
        assert _run(programs, f"py_modules.{tree}.tool_{tree}.cli").startswith(f"{tree} {tree} {tree} __main__")


def test_runpy_gives_a_module_its_tree_and_a_program_of_the_application_none(programs: TreeWorld) -> None:
    programs.file("app.py", "try: import lib\nexcept ModuleNotFoundError: seen = 'not the application'\n")
    programs.file("fails.py", "1 / 0\n")
    program = """
    import importshim, runpy, traceback
    found = runpy.run_module("tool_a.cli", run_name="other")
    print(*found["main"](), runpy.run_module("tool_b.cli", alter_sys=True)["word"])
    print(runpy.run_module("app")["seen"], runpy.run_path("app.py")["seen"])
    try: runpy.run_module("fails")
    except ZeroDivisionError as error:
        print(any("importshim" in frame.filename for frame in traceback.extract_tb(error.__traceback__)))
    importshim.activate().deactivate()
    print(hasattr(runpy, "exec"), runpy.run_path("mine.py")["__name__"])
    """
    output = programs.run(
        f"import os\nos.chdir({str(programs.root)!r})\n" + program.replace("\n    ", "\n")
    ).splitlines()
    assert output == [
        "a a a other tool_a tool_a.cli b",
        "not the application not the application",
        "False",
        "mine of the application",
        "False <run_path>",
    ]


def test_the_application_may_not_run_what_it_may_not_import(programs: TreeWorld) -> None:
    for name in ("tool_c.cli", "tool_c"):
        done = programs.start(f"import runpy\nrunpy._run_module_as_main({name!r})")
        assert done.returncode == 1
        assert "No module named 'tool_c' for the application; tree c has it" in done.stderr
    programs.file("tool_c.py", "print('of the application')\n")
    assert _run(programs, "tool_c") == "of the application"
    assert programs.run("import importlib.util; print(importlib.util.find_spec('lib'))") == "None"
