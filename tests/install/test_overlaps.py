"""Distributions of one environment that provide the same import name."""

from __future__ import annotations

from tests.install.world import World


def overlapping(world: World, **files: dict[str, str]) -> World:
    """Trees of one environment with these files, which expose ``pair``."""
    for name, content in files.items():
        world.publish(name, files=content)
    exposed = {name: {"imports": ("pair",)} for name in files}
    world.install(world.lock({name: [f"{name} 1.0"] for name in files}, **exposed))
    return world


def test_a_package_hides_a_module_of_its_name_whichever_tree_comes_first(world: World) -> None:
    package, module = {"pair/__init__.py": "kind = 'package'"}, {"pair.py": "kind = 'module'"}
    overlapping(world, a=module, b=package, c=module)
    assert world.python("app", "import pair; print(pair.kind)") == "package"


def test_parts_of_a_package_are_found_wherever_its_init_is(world: World) -> None:
    overlapping(world, a={"pair/part.py": "kind = 'part'"}, b={"pair/__init__.py": "", "pair/own.py": ""})
    assert world.python("app", "import pair.own, pair.part; print(pair.part.kind)") == "part"


def test_modules_that_two_distributions_of_a_tree_have_are_told(world: World) -> None:
    """Only one of each can be there, as with the several distributions of OpenCV."""
    files = ("cv2/__init__.py", "cv2/more.py", "cv2/notes.txt", "cv2/same.py")
    for name in ("opencv", "opencv-headless"):
        world.publish(name, files={path: "" if "same" in path else f"of = '{name}'\n" for path in files})
    world.install({"cv": ["opencv 1.0", "opencv-headless 1.0"]})
    assert world.reporter.notes[-1:] == [
        "tree cv: opencv-headless and opencv both contain cv2/__init__.py and 1 more, with different content; "
        "those of opencv are used"
    ]
    assert world.python("py_modules/cv", "import cv2; print(cv2.of)") == "opencv"
