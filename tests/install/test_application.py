"""The application's environment is a virtual environment of the project itself, with the commands it may use."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mvlock.errors import UsageError
from mvlock.plan import Action
from tests.install.world import World, run

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
    world.publish("helper", scripts={"hidden": "helper:main"})
    world.install({"x": ["tool 1.0", "helper 1.0"], "y": ["b 2.0"]})
    return world


def test_commands_of_dependencies_see_the_application_and_its_other_trees(world: World) -> None:
    install_tool(world)
    assert run(world.root / "app/bin/tool", "a b") == "2.0 ['a b']"
    assert not (world.root / "app/bin/hidden").exists()


def test_commands_come_and_go_with_the_dependencies(world: World) -> None:
    install_tool(world)
    report = world.install({"y": ["b 2.0"]})
    assert report.plan.app is Action.REPLACE
    assert not (world.root / "app/bin/tool").exists()
    assert not world.install({"y": ["b 2.0"]}).changed


def test_two_commands_of_one_name_are_told_and_the_first_tree_has_it(world: World) -> None:
    for name in ("one", "two"):
        world.publish(name, scripts={"go": f"{name}:main"}, files={f"{name}.py": f"def main(): print('{name}')\n"})
    world.install({"x": ["one 1.0"], "y": ["two 1.0"]})
    assert run(world.root / "app/bin/go") == "one"
    assert world.reporter.notes == ["bin/go in app/ is another's, not that of tree y"]


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
    with pytest.raises(UsageError, match="python") as caught:
        world.install({})
    assert caught.value.code == "project-invalid"


def test_a_source_folder_that_is_not_there_is_told(world: World) -> None:
    (world.root / "lib").mkdir()
    world.folder.write(tool='source = ["lib", "nodir"]')
    world.install({})
    assert world.reporter.notes == ["tool.mvlock.source: there is no folder nodir"]


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "dash"])
def test_the_environment_can_be_activated_and_left_in_a_shell(world: World, tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} on this machine")
    install_tool(world)
    place = tmp_path / "my moved app" if shell in {"bash", "zsh"} else world.root
    if place != world.root:
        shutil.move(world.root, place)
    script = (
        'before=$PATH; cd /; . "$1/app/bin/activate"; tool x; command -v python; echo "$VIRTUAL_ENV"; deactivate; '
        '[ "$PATH" = "$before" ] && echo "left ${VIRTUAL_ENV:-nothing}"'
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    told = subprocess.run(
        [shell, "-c", script, "shell", str(place)], capture_output=True, text=True, check=True, env=environment
    ).stdout
    assert told.splitlines() == ["2.0 ['x']", f"{place}/app/bin/python", f"{place}/app", "left nothing"]


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
