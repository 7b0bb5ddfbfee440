"""Processes that a tree's code starts speak for that tree; the application's for the application."""

from __future__ import annotations

import sys

import pytest

from tests.support.trees import TreeWorld

_START = """
import subprocess, sys
def start():
    return subprocess.check_output([sys.executable, "-c", "import lib; print(lib.v)"], text=True).strip()
"""

_POOL = """
import multiprocessing
def work(n):
    import lib
    return lib.v * n
def start(method):
    with multiprocessing.get_context(method).Pool(1) as pool:
        return pool.map(work, [1, 2])
"""


@pytest.fixture
def activated(world: TreeWorld) -> TreeWorld:
    """A world whose child processes route imports too, as app/bin/python does."""
    (world.root / "sitecustomize.py").write_text(
        f"import sys; sys.path.append({str(TreeWorld.importshim_folder())!r})\n"
        f"import importshim; importshim.activate({str(world.root / 'import_map.json')!r})\n"
    )
    return world


@pytest.mark.skipif(sys.platform == "win32", reason="children speak for the application on Windows")
def test_a_child_of_a_tree_imports_what_the_tree_does(activated: TreeWorld) -> None:
    for name in ("a", "b"):
        activated.tree(name, {"lib.py": f"v = {name!r}", f"use_{name}.py": _START})
    activated.expose(use_a="a", use_b="b")
    program = f"""
    import os, subprocess, sys
    os.environ["PYTHONPATH"] = {str(activated.root)!r}
    import use_a, use_b
    print(use_a.start(), use_b.start())
    ask = "try: import lib\\nexcept ImportError: print('not the application')"
    print(subprocess.check_output([sys.executable, "-c", ask], text=True).strip())
    """
    assert activated.run(program) == "a b\nnot the application"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.skipif(sys.platform == "win32", reason="children speak for the application on Windows")
def test_a_pool_of_a_tree_works_in_its_workers(activated: TreeWorld, method: str) -> None:
    for name in ("a", "b"):
        activated.tree(name, {"lib.py": f"v = {name!r}", f"pool_{name}.py": _POOL, "pool.py": _POOL})
    activated.expose(pool_a="a", pool_b="b")
    program = f"""
    import os
    os.environ["PYTHONPATH"] = {str(activated.root)!r}
    from py_modules.a import pool as pool_of_a
    from py_modules.b import pool as pool_of_b
    if __name__ == "__main__":
        print(pool_of_a.start({method!r}), pool_of_b.start({method!r}))
    """
    assert activated.run(program) == "['a', 'aa'] ['b', 'bb']"
