"""Every test of the runtime runs on every installed CPython."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import interpreters
from tests.support.trees import TreeWorld


@pytest.fixture(params=interpreters.WANTED)
def python(request: pytest.FixtureRequest) -> Path:
    """An interpreter."""
    version: str = request.param
    return interpreters.require(version)


@pytest.fixture
def world(tmp_path: Path, python: Path) -> TreeWorld:
    """An application without trees."""
    return TreeWorld(tmp_path, python)


@pytest.fixture
def two(world: TreeWorld) -> TreeWorld:
    """dep_a needs lib 2.0, dep_b needs lib 1.0; each has a function that says which lib it sees."""
    for name, version in (("dep_a", "2.0"), ("dep_b", "1.0")):
        world.tree(
            name,
            {
                f"{name}/__init__.py": "import lib\ndef seen():\n    import lib\n    return lib.__version__\n",
                "lib/__init__.py": f"__version__ = '{version}'\nfrom .core import Thing\n",
                "lib/core.py": "class Thing:\n    'A thing.'\n    def me(self):\n        return 'a thing'\n",
                "lib/late.py": "from lib import __version__ as version\n",
            },
            version=version,
        )
    return world.expose(dep_a="dep_a", dep_b="dep_b")
