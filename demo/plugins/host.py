"""A host that runs in its own environment, with its own NumPy, and has plugins that `mvlock` has installed.

It is started by a Python without mvlock: `python host.py MVLOCK`, where MVLOCK is the command. While it runs it
installs one more plugin, and uses it.
"""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import numpy

PROJECT = Path(__file__).resolve().parent / "project"
VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"
sys.path.append(str(PROJECT / "app" / "lib" / VERSION / "site-packages"))  # has the importshim of the project

import importshim  # noqa: E402


def use_plugins():
    """What each plugin computes from the same numbers, and with which versions."""
    found = {}
    for entry in sorted(entry_points(group="studio.plugins"), key=lambda one: one.name):
        made, versions = entry.load()([1, 2, 3])
        print(f"  {entry.name:<14}{'pydantic {}, NumPy {}, protobuf {}'.format(*versions):<50}{made['sum']}")
        assert made == {"sum": 6.0, "x": 1.0, "y": 2.0}
        found[entry.name] = tuple(version.partition(".")[0] for version in versions)
    return found


def main():
    print(f"Python {sys.version.split()[0]}, the host has NumPy {numpy.__version__}")
    own = numpy
    handle = importshim.activate(PROJECT)
    found = use_plugins()
    assert found == {"plugin_red": ("1", "1", "3"), "plugin_blue": ("2", "2", "5")}
    import plugin_red

    array, model = plugin_red.numpy.arange(3), plugin_red.Point(x=1, y=2)

    print("  Now plugin-green is installed, while this process runs:", flush=True)
    subprocess.run([sys.argv[1], "install", "--extra", "later"], cwd=PROJECT, check=True)
    handle.refresh()
    found = use_plugins()
    assert found["plugin_green"] == ("2", "1", "3")
    assert {name: found[name] for name in ("plugin_red", "plugin_blue")} == {
        "plugin_red": ("1", "1", "3"),
        "plugin_blue": ("2", "2", "5"),
    }

    print("  What was there before is as it was, and so is the host's NumPy")
    assert type(array) is plugin_red.numpy.ndarray
    assert type(model) is plugin_red.Point
    assert plugin_red.Point(**model.dict()) == model
    assert sys.modules["numpy"] is own is not plugin_red.numpy
    assert own.linalg.norm([3, 4]) == 5


if __name__ == "__main__":
    main()
