"""The application's environment is a virtual environment of the project itself, with the commands it may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.errors import LocalError
from mvlock.plan.model import Action
from tests.install.world import World, run
from tests.support.release import Content

TOOL = """
import importlib, sys
def main():
    print(importlib.import_module("mine").told(), sys.argv[1:])
    return 0
"""


def install_tool(world: World) -> World:
    """A tree with a command ``tool``, which imports the application's ``mine``, which imports another tree's."""
    world.folder.add_file("mine.py", "import b\ndef told(): return b.__version__\n")
    world.publish("tool", scripts={"tool": "tool:main"}, files={"tool.py": TOOL}).publish("b", "2.0")
    world.publish("helper", scripts={"helper": "helper:main"}, files={"helper.py": "def main(): print('helps')\n"})
    world.install({"x": ["tool 1.0", "helper 1.0"], "y": ["b 2.0"]})
    return world


def test_commands_of_dependencies_see_the_application_and_its_other_trees(world: World) -> None:
    install_tool(world)
    assert run(world.root / "app/bin/tool", "a b") == "2.0 ['a b']"
    assert run(world.root / "app/bin/helper") == "helps"


def test_commands_come_and_go_with_the_dependencies(world: World) -> None:
    install_tool(world)
    report = world.install({"y": ["b 2.0"]})
    assert report.plan.app is Action.REPLACE
    assert not (world.root / "app/bin/tool").exists()
    assert not world.install({"y": ["b 2.0"]}).changed


def test_two_commands_of_one_name_are_reported_and_the_first_tree_wins(world: World) -> None:
    for name in ("one", "two"):
        world.publish(name, scripts={"go": f"{name}:main"}, files={f"{name}.py": f"def main(): print('{name}')\n"})
    world.install({"x": ["one 1.0"], "y": ["two 1.0"]})
    assert run(world.root / "app/bin/go") == "one"
    assert world.reporter.notes == ["bin/go of tree y is left out of app/, which already has one"]


def test_an_entry_point_may_name_a_part_of_a_package_that_nothing_has_imported(world: World) -> None:
    files = {"kit/__init__.py": "", "kit/cli.py": "class Group:\n    @staticmethod\n    def main(): print(__name__)\n"}
    world.publish("kit", scripts={"kit": "kit:cli.Group.main"}, files=files).install({"kit": ["kit 1.0"]})
    assert run(world.root / "app/bin/kit") == run(world.tree("kit") / "bin/kit") == "kit.cli"


def test_a_command_of_an_indirect_dependency_is_there_if_it_has_one_version(world: World) -> None:
    for version in ("1.0", "2.0"):
        world.publish("tool", version, scripts={"tool": "tool:main"}, files={"tool.py": TOOL})
    world.publish("c").publish("d")
    world.install({"c": ["c 1.0", "tool 1.0"], "d": ["d 1.0", "tool 1.0"]})
    assert (world.root / "app/bin/tool").exists()
    world.install({"c": ["c 1.0", "tool 1.0"], "d": ["d 1.0", "tool 2.0"]})
    assert not (world.root / "app/bin/tool").exists()


def test_commands_of_direct_dependencies_come_before_those_of_indirect_ones(world: World) -> None:
    for name in ("one", "two"):
        world.publish(name, scripts={"go": f"{name}:main"}, files={f"{name}.py": f"def main(): print('{name}')\n"})
    world.publish("meta")
    world.install({"meta": ["meta 1.0", "one 1.0"], "two": ["two 1.0"]})
    assert run(world.root / "app/bin/go") == "two"
    assert world.reporter.notes == []


def data(name: str, *paths: str) -> dict[str, Content]:
    """The files of a wheel ``name 1.0`` that has data at ``paths``."""
    return {f"{name}.py": "", **{f"{name}-1.0.data/data/{path}": name for path in paths}}


def test_data_of_trees_is_found_below_the_prefix_of_the_application(world: World) -> None:
    world.publish("a", files=data("a", "share/kit/both.txt", "share/kit/a.txt", "etc/kit/on", "share/mixed"))
    site = world.interpreter.layout["purelib"]
    world.publish("b", files=data("b", "share/kit/both.txt", "share/kit/b.txt", "share/mixed/x", f"{site}/stray.py"))
    world.publish("c", files=data("c", "share/kit/c.txt", "share/kit/b.txt"))
    world.install({"a": ["a 1.0", "c 1.0"], "b": ["b 1.0"]})
    tell = (
        "import pathlib, sys; root = pathlib.Path(sys.prefix); "
        "found = [*root.glob('share/**/*'), *root.glob('etc/**/*')]; "
        "print(*sorted(f'{one.relative_to(root)}={one.read_text()}' for one in found if one.is_file()))"
    )
    expected = "etc/kit/on=a share/kit/a.txt=a share/kit/b.txt=b share/kit/both.txt=a share/kit/c.txt=c"
    assert world.python("app", tell) == expected
    assert not (world.root / "app" / site / "stray.py").exists()
    (world.root / "app/share/kit/a.txt").unlink()
    assert world.install({"a": ["a 1.0", "c 1.0"], "b": ["b 1.0"]}).plan.app is Action.REPLACE
    assert world.python("app", tell) == expected
    world.install({"b": ["b 1.0"]})
    assert not (world.root / "app/etc").exists()


def test_the_project_is_a_distribution_of_its_environment(world: World) -> None:
    points = '[project.scripts]\nmy-run = "mine:main"\n[project.entry-points.plugs]\none = "mine:plug"\n'
    world.folder.write(project='description = "Does\\nthings"\n' + points)
    world.folder.add_file("mine.py", "def main(): print('mine')\n")
    world.install({})
    check = (
        "import importlib.metadata as m, json; d = m.distribution('my-app'); print(d.version, d.metadata['Summary'], "
        "json.loads(d.read_text('direct_url.json')), [e.load for e in m.entry_points(group='plugs')] != [], "
        "all(f.locate().exists() for f in d.files), d.read_text('INSTALLER'))"
    )
    url = {"dir_info": {"editable": True}, "url": world.root.as_uri()}
    assert world.python("app", check) == f"0.1 Does things {url} True True mvlock"
    assert run(world.root / "app/bin/my-run") == "mine"


def test_a_command_of_the_project_may_not_replace_the_interpreter(world: World) -> None:
    world.folder.write(project='[project.scripts]\npython = "mine:main"\n')
    with pytest.raises(LocalError, match="python") as caught:
        world.install({})
    assert caught.value.code == "project-invalid"


def test_a_missing_source_folder_is_reported(world: World) -> None:
    (world.root / "lib").mkdir()
    world.folder.write(tool='source = ["lib", "nodir"]')
    world.install({})
    assert world.reporter.notes == ["tool.mvlock.source: there is no folder nodir"]


def test_trees_are_install_schemes_of_sysconfig_and_nothing_else_changes(world: World) -> None:
    world.publish("web", files={"web.py": ""}).install({"web": ["web 1.0"]})
    program = "import sysconfig; " + (
        "print(sysconfig.get_default_scheme(), sysconfig.get_path('purelib')); "
        "print(*[sysconfig.get_path('purelib', one) for one in sysconfig.get_scheme_names() if 'tree' in one])"
    )
    usual, trees = world.python("app", program).split("\n")
    scheme, own = usual.split()
    assert Path(own) == world.root / "app" / world.interpreter.layout["purelib"]
    assert "tree" not in scheme
    assert Path(trees) == world.site_packages("web")
