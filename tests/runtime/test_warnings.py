"""A warning at import names whoever imports, as in one environment: CPython passes over the frames of importlib alone."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld

OLD = """
import sys, warnings
warnings.warn("old", DeprecationWarning, stacklevel=2)
frame, files = sys._getframe(), []
while frame is not None:
    files.append(frame.f_code.co_filename)
    frame = frame.f_back
ours = [file for file in files if "importshim" in file]
"""
PROGRAM = """
import sys, warnings
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as found:
    namespace = {{"__name__": "{caller}"}}
    exec(compile({statement!r}, "caller.py", "exec"), namespace)
old = next(module for name, module in sys.modules.items() if name.rpartition(".")[2] == "old")
print([warning.filename for warning in found], old.ours)
"""


@pytest.mark.parametrize("statement", ["import lone.old", "from lone import old", "from lone.old import ours"])
def test_of_what_has_one_version(two: TreeWorld, statement: str) -> None:
    two.tree("dep_a", {"lone/__init__.py": "", "lone/old.py": OLD}, version="2.0").expose(lone="dep_a")
    assert two.run(PROGRAM.format(statement=statement, caller="__main__")) == "['caller.py'] []"


@pytest.mark.parametrize("statement", ["import dep_a.old", "from dep_a import old", "from dep_a.old import ours"])
def test_of_the_only_user_of_a_library_with_two_versions(two: TreeWorld, statement: str) -> None:
    two.tree("dep_a", {"dep_a/old.py": OLD}, version="2.0")
    assert two.run(PROGRAM.format(statement=statement, caller="__main__")) == "['caller.py'] []"


@pytest.mark.parametrize(
    "line",
    [
        "import lib.old",
        "from lib import old",
        "from lib.old import ours",
        "from .inner import ours",
        "from . import inner",
        "import space.old",
    ],
)
def test_of_a_library_with_two_versions(two: TreeWorld, line: str) -> None:
    files = {"lib/old.py": OLD, "dep_a/inner.py": OLD, "space/old.py": OLD, "dep_a/user.py": f"{line}  # here\n"}
    two.tree("dep_a", files, version="2.0").tree("dep_b", {"space/old.py": ""}, version="1.0")
    output = two.run(
        """
        import sys, warnings
        warnings.simplefilter("always")
        with warnings.catch_warnings(record=True) as found:
            import dep_a.user
        ours = [module.ours for module in list(sys.modules.values()) if hasattr(module, "ours")]
        print([warning.filename.rpartition("/")[2] for warning in found], any(ours))
        """
    )
    assert output == "['user.py'] False"


@pytest.mark.parametrize(
    "call", ["importlib.import_module('lib.old')", "__import__('lib.old')", "importlib.reload(lib.late)"]
)
def test_no_frame_of_ours_is_seen_by_a_module_that_a_function_imports(two: TreeWorld, call: str) -> None:
    files = {"lib/old.py": OLD, "lib/late.py": OLD, "dep_a/user.py": f"import importlib, lib.late\n{call}\n"}
    two.tree("dep_a", files, version="2.0")
    output = two.run(
        """
        import sys, warnings
        warnings.simplefilter("ignore")
        import dep_a.user
        print([module.ours for module in list(sys.modules.values()) if hasattr(module, "ours")][-1])
        """
    )
    assert output == "[]"
