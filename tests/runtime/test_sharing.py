"""What trees share is loaded once, everything else separately; shared code finds what its callers have."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld

_BASE = {"base/__init__.py": "class Thing:\n    pass\n", "base/part.py": "from base import Thing\n"}


@pytest.fixture
def shared(world: TreeWorld) -> TreeWorld:
    """a and b share base; each has a lib and an odd of its own; c has another base."""
    for name in "ab":
        own = {
            f"use_{name}.py": "import base, lib\nimport base.part\ndef make():\n    return base.Thing()\n",
            "lib.py": f"import base\nversion = '{name}'\n",
            f"only_{name}.py": f"version = '{name}'\n",
        }
        world.tree(name, {**own, **_BASE}, version={"a": "1.0", "b": "2.0"}[name])
    world.tree("c", {"use_c.py": "import base\n", "base.py": "odd = 3\n"}, version="3.0")
    return world.share("a", "b", names="base").expose(use_a="a", use_b="b", use_c="c")


def test_what_trees_share_is_one_module_and_the_rest_is_not(shared: TreeWorld) -> None:
    program = """
    import use_a, use_b, use_c
    print(use_a.base is use_b.base, use_a.base is use_c.base, use_a.lib is use_b.lib)
    print(use_a.lib.version, use_b.lib.version, type(use_a.make()) is type(use_b.make()))
    from py_modules.a import base as one
    from py_modules.b import base as other
    import py_modules.a.base.part as part
    print(one is other is use_a.base, part is use_b.base.part, one)
    """
    first, second, third = shared.run(program).splitlines()
    assert first == "True False False"
    assert second == "a b True"
    assert third.startswith("True True <module 'py_modules.a+b.base' from ")


def test_a_name_that_is_only_shared_needs_no_key_of_its_own(world: TreeWorld) -> None:
    for name in "ab":
        world.tree(name, {f"use_{name}.py": "import base\n", "base.py": ""})
    world.share("a", "b", names="base").expose(use_a="a", use_b="b", base="a")
    program = "import base, use_a, use_b, sys\nprint(base is use_a.base is use_b.base, base)\n"
    program += "print([type(key) for key in sys.modules if key == 'base'])"
    output = world.run(program)
    assert output.startswith("True <module 'base' from")
    assert output.endswith("[<class 'str'>]")


def test_whose_has_all_trees_that_share(shared: TreeWorld) -> None:
    program = """
    import importshim, use_a, use_b
    origin = importshim.whose(use_b.make())
    print(origin, origin.trees, importshim.whose(use_b.lib).trees)
    print(origin == ("a", "base", "1.0"), importshim.tree("b").distributions)
    """
    first, second = shared.run(program).splitlines()
    assert first == "Origin(tree='a', distribution='base', version='1.0') ('a', 'b') ('b',)"
    assert second == "True {'base': '2.0', 'lib': '2.0', 'only_b': '2.0', 'use_b': '2.0'}"


def test_a_shared_domain_is_no_tree(shared: TreeWorld) -> None:
    program = "import importshim\ntry:\n    importshim.tree('a+b')\nexcept LookupError as error:\n    print(error)"
    assert shared.run(program) == "there is no tree 'a+b'; there are: a, b, c"


def test_an_import_statement_of_shared_code_gets_nothing_that_its_trees_have_differently(world: TreeWorld) -> None:
    base = "def get():\n    import own\n    return own\n"
    for name in "ab":
        world.tree(name, {f"use_{name}.py": "import base\n", "base.py": base, "own.py": ""})
    world.share("a", "b", names="base").expose(use_a="a", use_b="b", own="a")
    program = "import use_a\ntry:\n    use_a.base.get()\nexcept ModuleNotFoundError as error:\n    print(error)"
    output = world.run(program)
    assert output.startswith(
        "No module named 'own' for trees a, b; tree a has it (own 1.0), tree b has it (own 1.0). What trees share can"
    )
    assert "never" in output


_FINDERS = """
import importlib, sys, pkgutil
def by_module(name): return importlib.import_module(name)
def by_function(name): return __import__(name)
def by_entry(name): __import__(name); return sys.modules[name]
def by_resolve(name): return pkgutil.resolve_name(name)
def by_spec(name): return importlib.util.module_from_spec(importlib.util.find_spec(name))
"""
_WAYS = ("by_module", "by_function", "by_entry", "by_resolve")


def _with_finders(world: TreeWorld) -> TreeWorld:
    for name in "ab":
        own = f"version = '{name}'\n"
        use = "import tools\ndef find(way, name):\n    return getattr(tools, way)(name)\n"
        world.tree(name, {f"use_{name}.py": use, "tools.py": _FINDERS, "own.py": own, f"private_{name}.py": own})
    return world.share("a", "b", names="tools").expose(use_a="a", use_b="b")


def test_shared_code_finds_what_the_tree_has_that_called_it(world: TreeWorld) -> None:
    _with_finders(world)
    program = f"""
    import use_a, use_b
    for way in {_WAYS!r}:
        found = [use_a.find(way, "own"), use_b.find(way, "own"), use_b.find(way, "private_b")]
        print(*[one.version for one in found])
    print(use_a.find("by_spec", "own").__spec__.origin)
    """
    *lines, origin = world.run(program).splitlines()
    assert lines == ["a b b"] * len(_WAYS)
    assert origin == str(world.site("a") / "own.py")


def test_the_application_says_for_which_tree_it_calls_shared_code(world: TreeWorld) -> None:
    _with_finders(world)
    program = """
    import importshim
    tools = importshim.tree("a").import_module("tools")
    for name in ("a", "b"):
        with importshim.using(name):
            print(tools.by_module("own").version, end=" ")
    """
    assert world.run(program) == "a b "


def test_shared_code_without_a_caller_finds_what_only_one_tree_can_mean(world: TreeWorld) -> None:
    _with_finders(world)
    program = """
    import importshim
    tools = importshim.tree("a").import_module("tools")
    print(tools.by_module("private_b").version)
    with importshim.using("b"):
        print(tools.by_module("own").version)
    try:
        tools.by_module("own")
    except ModuleNotFoundError as error:
        print(error)
    """
    first, second, third = world.run(program).splitlines()
    assert (first, second) == ("b", "b")
    assert third.startswith("No module named 'own' for trees a, b; tree a has it")


def _framework(world: TreeWorld, plugin: str = "import frame\nname = 'plugin'\n") -> TreeWorld:
    frame = _FINDERS + "def spelled():\n    return importlib.import_module('other')\ndef static():\n    import plugin\n"
    world.tree("frame", {"frame.py": frame})
    world.tree("plugin", {"plugin.py": plugin, "frame.py": frame})
    world.tree("other", {"other.py": "name = 'other'"})
    return world.share("frame", "plugin", names="frame").expose(frame="frame", plugin="plugin", other="other")


def test_a_framework_finds_its_plugin_and_the_application_and_not_other_trees(world: TreeWorld) -> None:
    _framework(world).file("mine.py", "name = 'mine'")
    program = f"""
    import frame
    for way in {_WAYS!r}:
        print(*[getattr(frame, way)(name).name for name in ("plugin", "mine")])
    plugin = frame.by_module("plugin")
    print(plugin.frame is frame, frame.static())
    try:
        frame.spelled()
    except ModuleNotFoundError as error:
        print(error)
    """
    lines = _framework(world).run(program).splitlines()
    assert lines[:5] == ["plugin mine"] * 4 + ["True None"]
    assert lines[5].startswith("No module named 'other' for trees frame, plugin; tree other has it")


def test_a_plugin_with_another_framework_is_not_found_and_the_error_says_why(world: TreeWorld) -> None:
    world.tree("frame", {"frame.py": _FINDERS}, version="2.0")
    world.tree("plugin", {"plugin.py": "import frame", "frame.py": ""}, version="1.0")
    world.expose(frame="frame", plugin="plugin")
    program = (
        "import frame\ntry:\n    frame.by_module('plugin')\nexcept ModuleNotFoundError as error:\n    print(error)"
    )
    output = world.run(program)
    assert output.endswith("The plug-in uses frame 1.0, the importing code frame 2.0; both need the same version")


_METADATA = """
from importlib.metadata import distributions, version, PackageNotFoundError
def listed():
    return sorted({one.metadata["Name"] for one in distributions()} & {"own", "tools", "use_a", "use_b", "use_c"})
def known(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
def spelled(): return version("own")
"""


def test_shared_code_sees_the_distributions_of_the_tree_that_called_it(world: TreeWorld) -> None:
    for name, version in (("a", "1.0"), ("b", "2.0")):
        use = "import tools\ndef ask(way, *names):\n    return getattr(tools, way)(*names)\n"
        world.tree(name, {f"use_{name}.py": use, "tools.py": _METADATA, "own.py": ""}, version=version)
    world.tree("c", {"use_c.py": ""}).share("a", "b", names="tools").expose(use_a="a", use_b="b", use_c="c")
    program = """
    import use_a, use_b
    print(use_a.ask("known", "own"), use_b.ask("known", "own"), use_b.ask("known", "use_a"), use_a.tools.known("own"))
    print(use_a.ask("listed"), use_b.ask("listed"), use_a.tools.listed())
    print(use_a.ask("spelled"), use_b.ask("spelled"))
    """
    assert world.run(program).splitlines() == [
        "1.0 2.0 None None",
        "['own', 'tools', 'use_a'] ['own', 'tools', 'use_b'] ['own', 'tools', 'use_a', 'use_b']",
        "1.0 2.0",
    ]


def test_a_framework_on_another_lists_the_plugins_of_both(world: TreeWorld) -> None:
    """pytest on pluggy: a tree that uses only pluggy has no plug-ins for pytest."""
    hooks = _METADATA.replace("& {", "& {'mine', 'theirs', ")
    files = {"hooks.py": hooks, "frame.py": "import hooks\ndef ask():\n    return hooks.listed()\n"}
    world.tree("frame", files).tree("mine", {**files, "mine.py": ""}).tree("theirs", {**files, "theirs.py": ""})
    world.share("frame", "mine", "theirs", names="hooks").share("frame", "mine", names="frame")
    world.expose(frame="frame", mine="mine", theirs="theirs")
    assert world.run("import frame; print(frame.ask(), frame.hooks.listed())") == "['mine'] ['mine', 'theirs']"


def test_a_framework_that_a_tree_calls_lists_the_plugins_that_go_with_both(world: TreeWorld) -> None:
    """pytest in a worker of xdist: a plug-in of another world for both is there, one for another xdist is not."""
    frame = {"frame.py": _METADATA.replace("& {", "& {'mine', 'theirs', 'plain', "), "odd.py": ""}
    runner = {"runner.py": "import frame\ndef run(): return frame.listed()\n"}
    world.tree("host", {**frame, **runner, "tool.py": ""}).tree("mine", {**frame, "mine.py": ""})
    world.tree("theirs", {**frame, **runner, "theirs.py": ""}, version="2.0").tree("plain", {**frame, "plain.py": ""})
    world.share("host", "mine", "theirs", "plain", names="frame")
    world.add_peers("mine", runner="host", tool="host").add_peers("theirs", tool="host")
    world.expose(runner="host", tool="host", mine="mine", theirs="theirs", plain="plain")
    assert (
        world.run("import runner; print(runner.run(), runner.frame.listed())") == "['mine'] ['mine', 'plain', 'theirs']"
    )


def test_processes_that_shared_code_starts_run_as_the_tree_that_called_it(world: TreeWorld) -> None:
    tools = """
    import subprocess, sys
    TELL = "import os; print(os.environ['IMPORTSHIM_TREE'], flush=True)"
    def start():
        subprocess.run([sys.executable, "-c", TELL])
    """
    for name in "ab":
        use = "import tools\ndef start():\n    tools.start()\n"
        world.tree(name, {f"use_{name}.py": use, "tools.py": tools})
    world.share("a", "b", names="tools").expose(use_a="a", use_b="b")
    program = """
    import use_a, use_b
    for use in (use_a, use_b, use_a.tools):
        use.start()
    """
    assert world.run(program).splitlines() == ["a", "b", "a+b"]


def test_an_error_of_mixed_versions_names_all_trees(shared: TreeWorld) -> None:
    program = """
    import importshim, use_b, use_c
    use_c.base.Thing = type("Thing", (), {"__module__": use_c.base.__name__})
    print(importshim.explain(TypeError(use_b.make(), use_c.base.Thing())))
    """
    assert shared.run(program) == "base.Thing of trees a, b (1.0) is not base.Thing of tree c (3.0)"
