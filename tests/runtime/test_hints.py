"""What an error of a library adds where its own text leads nowhere: setuptools, and code compiled for other versions."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld

_SIZE_CHANGED = "'numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88'"
_ABI = "'module compiled against ABI version 0x1000009 but this version of numpy is 0x2000000'"
_OTHER = "'greenlet.greenlet size changed, may indicate binary incompatibility. Expected 144, got 40'"
_SHOW = """
import traceback
try: import frames_old
except Exception as error: print(traceback.format_exc().replace(str(error), 'TEXT ' + str(error)))
"""


def _frames(world: TreeWorld, error: str) -> TreeWorld:
    """A library whose native part fails with ``error``, as an alias that finds NumPy in the tree of the application."""
    world.tree("frames_old", {"frames/__init__.py": "from frames import _lib", "frames/_lib.py": f"raise {error}"})
    world.tree("numpy", {"numpy.py": "", "greenlet.py": ""}, version="2.1.2")
    world.add_peers("frames_old", numpy="numpy", greenlet="numpy").expose(numpy="numpy", greenlet="numpy")
    return world.alias("frames_old", "frames_old", "frames")


@pytest.mark.parametrize(
    ("error", "library", "wanted"),
    [
        (f"ValueError({_SIZE_CHANGED})", "numpy", "numpy<2"),
        (f"RuntimeError({_ABI})", "numpy", "numpy<2"),
        ("ImportError('numpy.core.multiarray failed to import')", "numpy", "numpy<2"),
        (f"ValueError({_OTHER})", "greenlet", "greenlet==…"),
    ],
)
def test_what_was_compiled_for_another_version_is_named_once_with_the_fix(
    world: TreeWorld, error: str, library: str, wanted: str
) -> None:
    output = _frames(world, error).run(_SHOW)
    note = (
        f"frames 1.0 of tree frames_old was compiled for another version of {library} than 2.1.2, which it gets here; "
        f'to give it one of its own: `mvlock add --alias frames_old "{wanted}"`'
    )
    assert output.count(note) == 1


@pytest.mark.parametrize("error", ["ValueError('dtype size changed')", f"KeyError({_SIZE_CHANGED})"])
def test_other_errors_stay_as_they_are(world: TreeWorld, error: str) -> None:
    assert "was compiled for" not in _frames(world, error).run(_SHOW)


@pytest.mark.parametrize(
    "statement",
    ["import pkg_resources", "from pkg_resources import parse_version", "importlib.import_module('pkg_resources')"],
)
def test_a_library_that_needs_setuptools_without_requiring_it_says_how_to_get_it(
    world: TreeWorld, statement: str
) -> None:
    world.options = ("-S",)  # without what the Python itself has
    world.tree("a", {"old.py": f"import importlib\n{statement}"}).expose(old="a")
    program = "try: import old\nexcept ModuleNotFoundError as error: print(error.name, '|', error)"
    assert world.run(program) == (
        "pkg_resources | No module named 'pkg_resources'; setuptools has it, which nothing requires: "
        "run `mvlock add 'setuptools<81'`"
    )


def test_a_module_that_setuptools_lacks_is_not_promised(world: TreeWorld) -> None:
    world.tree("a", {"old.py": "import setuptools.gone", "setuptools/__init__.py": ""}).expose(old="a")
    program = "try: import old\nexcept ModuleNotFoundError as error: print(error)"
    assert world.run(program) == "No module named 'setuptools.gone'"
