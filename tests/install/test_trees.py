"""Trees are ordinary virtual environments."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from mvlock.environment.link import LinkMode
from mvlock.errors import BadArtifact, LocalError
from mvlock.interpreter.search import Search, find_interpreter
from mvlock.plan.model import Action
from tests.install.world import World, run
from tests.support.interpreters import WANTED, require, require_other
from tests.support.release import Release, wheel, zip_archive


def record(world: World, tree: str, info: str) -> dict[str, tuple[str, str]]:
    """RECORD of a distribution: path to hash and size."""
    lines = (world.site_packages(tree) / info / "RECORD").read_text().splitlines()
    rows = [line.split(",") for line in lines]
    return {path: (digest, size) for path, digest, size in rows}


def test_a_tree_runs_and_sees_exactly_its_closure(world: World) -> None:
    world.publish("a").publish("a", "2.0").publish("b")
    world.install({"x": ["a 1.0", "b 1.0"], "y": ["a 2.0"]})
    assert world.python("py_modules/x", "import a, b; print(a.__version__)") == "1.0"
    assert world.python("py_modules/y", "import a; print(a.__version__)") == "2.0"
    seen = "import importlib.util as u; print(u.find_spec('b'), u.find_spec('pydantic'))"
    assert world.python("py_modules/y", seen) == "None None"


def test_a_tree_records_its_installer_and_its_direct_requirements(world: World) -> None:
    world.publish("a").publish("b").install({"x": ["a 1.0", "b 1.0"]})
    site = world.site_packages("x")
    assert (site / "a-1.0.dist-info/INSTALLER").read_text() == "mvlock\n"
    assert (site / "a-1.0.dist-info/REQUESTED").exists()
    assert not (site / "b-1.0.dist-info/REQUESTED").exists()
    assert not (site / "a-1.0.dist-info/direct_url.json").exists()


def test_record_lists_every_file_with_its_true_hash(world: World) -> None:
    world.publish("a", scripts={"a-run": "a:main"}, files={"a/__init__.py": "def main(): print('ran')\n"})
    world.install({"x": ["a 1.0"]})
    check = (
        "import importlib.metadata as m, hashlib, base64\n"
        "for f in m.files('a'):\n"
        "    data = f.locate().read_bytes()\n"
        "    if f.hash:\n"
        "        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()\n"
        "        assert (f.hash.value, f.size) == (digest, len(data)), f\n"
        "print(len(m.files('a')))"
    )
    assert int(world.python("py_modules/x", check)) == 8
    rows = record(world, "x", "a-1.0.dist-info")
    assert rows["a-1.0.dist-info/RECORD"] == ("", "")
    assert "../../../bin/a-run" in rows


def test_commands_run_from_anywhere_also_after_the_project_moved(world: World, tmp_path: Path) -> None:
    world.publish("a", scripts={"a-run": "a:main"}, files={"a/__init__.py": "def main(): print('ran')\n"})
    world.install({"x": ["a 1.0"]})
    elsewhere = tmp_path / "with some space"
    shutil.move(world.root, elsewhere)
    command = elsewhere / "py_modules/x/bin/a-run"
    assert run(command) == "ran"
    link = tmp_path / "link"
    link.symlink_to(command)
    assert run(link) == "ran"
    assert run(elsewhere / "py_modules/x/bin/python", "-c", "import a; print(a.__name__)") == "a"


def test_data_goes_where_its_scheme_says(world: World) -> None:
    files = {
        "a/__init__.py": "",
        "a-1.0.data/scripts/tool": "#!python\nimport a; print('tool', a.__name__)\n",
        "a-1.0.data/scripts/shell": "#!/bin/sh\necho shell\n",
        "a-1.0.data/headers/a.h": "int a;\n",
        "a-1.0.data/data/share/a.txt": "text\n",
        "a-1.0.data/purelib/pure.py": "",
        "a-1.0.data/platlib/plat.py": "",
    }
    world.publish("a", files=files).install({"x": ["a 1.0"]})
    tree, minor = world.tree("x"), world.interpreter.minor
    assert run(tree / "bin/tool") == "tool a"
    assert run(tree / "bin/shell") == "shell"
    assert (tree / f"include/site/python{minor}/a/a.h").read_text() == "int a;\n"
    assert (tree / "share/a.txt").read_text() == "text\n"
    assert world.python("py_modules/x", "import pure, plat; print('both')") == "both"


def test_bytecode_comes_from_the_store_and_is_used_as_it_is(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"], "y": ["a 1.0"]})
    compiled = [next(world.site_packages(tree).rglob("__init__.*.pyc")) for tree in ("x", "y")]
    before = [path.stat() for path in compiled]
    for tree in ("x", "y"):
        world.python(f"py_modules/{tree}", "import a")
    assert [path.stat().st_mtime_ns for path in compiled] == [status.st_mtime_ns for status in before]
    assert [path.stat().st_ino for path in compiled] == [status.st_ino for status in before]


@pytest.mark.parametrize("mode", list(LinkMode))
def test_every_link_mode_makes_a_tree_that_works(world: World, mode: LinkMode) -> None:
    world.publish("a").install({"x": ["a 1.0"]}, link_mode=mode)
    assert world.python("py_modules/x", "import a; print(a.__version__)") == "1.0"
    assert (world.site_packages("x") / "a/__init__.py").is_symlink() == (mode is LinkMode.SYMLINK)


def test_another_link_mode_makes_trees_again_and_no_mode_keeps_them(world: World) -> None:
    trees = {"x": ["a 1.0"]}
    world.publish("a").install(trees)
    for mode in (LinkMode.SYMLINK, LinkMode.COPY, LinkMode.HARDLINK):
        assert world.install(trees, link_mode=mode).plan.of(Action.REPLACE) == ("x",)
        assert (world.site_packages("x") / "a/__init__.py").is_symlink() == (mode is LinkMode.SYMLINK)
        assert world.install(trees, link_mode=mode).plan.is_empty
        assert world.install(trees).plan.is_empty


@pytest.mark.parametrize("mode", [LinkMode.AUTO, LinkMode.HARDLINK, LinkMode.SYMLINK])
def test_native_files_have_an_inode_of_their_own_in_every_tree(world: World, mode: LinkMode) -> None:
    world.folder.write(tool='share = "none"')
    world.publish("a", files={"a/__init__.py": "", "a/native.so": b"\x7fELF"})
    world.install({"x": ["a 1.0"], "y": ["a 1.0"]}, link_mode=mode)
    places = [world.site_packages(tree) / "a/native.so" for tree in ("x", "y")]
    assert len({(path.stat().st_dev, path.stat().st_ino) for path in places}) == 2
    assert all(not path.is_symlink() for path in places)


@pytest.mark.parametrize("first", ["x", "y"])
def test_a_later_tree_has_native_files_of_its_own(world: World, first: str) -> None:
    world.folder.write(tool='share = "none"')
    world.publish("a", files={"a/__init__.py": "", "a/native.so": b"\x7fELF"})
    world.install({first: ["a 1.0"]})
    world.install({"x": ["a 1.0"], "y": ["a 1.0"]})
    world.install({"x": ["a 1.0"], "y": ["a 1.0"]}, repair=True)
    assert len({(world.site_packages(tree) / "a/native.so").stat().st_ino for tree in ("x", "y")}) == 2


def test_native_files_that_trees_share_are_one_file_until_they_share_no_more(world: World) -> None:
    world.publish("a", files={"a/__init__.py": "", "a/native.so": b"\x7fELF"})
    trees = {"x": ["a 1.0"], "y": ["a 1.0"]}
    for share, inodes, remade in (("identical", 1, ()), ("none", 2, ("y",)), ("identical", 2, ())):
        world.folder.write(tool=f'share = "{share}"')
        report = world.install(trees, link_mode=LinkMode.HARDLINK)
        assert len({(world.site_packages(tree) / "a/native.so").stat().st_ino for tree in trees}) == inodes
        assert report.plan.of(Action.REPLACE) == remade
        assert world.install(trees, link_mode=LinkMode.HARDLINK).plan.is_empty


def native(world: World, tree: str) -> int:
    """The inode of the native file of ``a``."""
    return (world.site_packages(tree) / "a/native.so").stat().st_ino


def test_trees_that_share_have_one_native_file_even_if_others_have_another(world: World) -> None:
    world.publish("b").publish("b", "2.0")
    world.publish("a", requires=("b",), files={"a/__init__.py": "", "a/native.so": b"\x7fELF"})
    apart = {"x": ["a 1.0", "b 1.0"], "y": ["a 1.0", "b 2.0"]}
    trees = {**apart, "u": ["a 1.0", "b 2.0"], "z": ["a 1.0", "b 1.0"]}
    for locked in (apart, trees):
        world.install(locked, link_mode=LinkMode.HARDLINK)
        assert native(world, "x") != native(world, "y")
    assert (native(world, "u"), native(world, "z")) == (native(world, "y"), native(world, "x"))
    assert world.install(trees).plan.is_empty


@pytest.mark.parametrize(("marker", "inodes"), [("python_version < '3'", 1), ("python_version > '3'", 2)])
def test_a_requirement_for_another_python_parts_no_trees(world: World, marker: str, inodes: int) -> None:
    files = {"a/__init__.py": "", "a/native.so": b"\x7fELF"}
    world.publish("b").publish("b", "2.0").publish("a", requires=(f"b; {marker}",), files=files)
    world.install({"x": ["a 1.0", "b 1.0"], "y": ["a 1.0", "b 2.0"]}, link_mode=LinkMode.HARDLINK)
    assert len({native(world, tree) for tree in "xy"}) == inodes


def test_what_a_second_tree_has_for_itself_is_in_the_store_for_all_projects(world: World, tmp_path: Path) -> None:
    world.folder.write(tool='share = "none"')
    world.publish("a", files={"a/__init__.py": "", "a/native.so": b"\x7fELF"})
    trees = {"x": ["a 1.0"], "y": ["a 1.0"]}
    world.install(trees, link_mode=LinkMode.HARDLINK)
    before = native(world, "x"), native(world, "y")
    for name in ("py_modules", "app"):
        (world.root / name).rename(tmp_path / f"other_{name}")
    world.install(trees, link_mode=LinkMode.HARDLINK)
    assert (native(world, "x"), native(world, "y")) == before


def test_copies_keep_the_time_on_which_bytecode_depends(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]}, link_mode=LinkMode.COPY)
    compiled = next(world.site_packages("x").rglob("__init__.*.pyc"))
    before = compiled.stat().st_ino
    world.python("py_modules/x", "import a")
    assert compiled.stat().st_ino == before


def test_where_two_bring_the_same_file_the_first_has_it_and_both_records_are_true(world: World) -> None:
    world.publish("a", files={"shared/x.py": "who = 'a'\n"}).publish("b", files={"shared/x.py": "who = 'b!'\n"})
    world.install({"x": ["a 1.0", "b 1.0"]})
    assert world.python("py_modules/x", "import shared.x; print(shared.x.who)") == "a"
    rows = [record(world, "x", f"{name}-1.0.dist-info")["shared/x.py"] for name in "ab"]
    assert rows[0] == rows[1]
    assert "b and a both contain shared/x.py, with different content; those of a are used" in world.reporter.notes[-1]


def test_a_wheel_whose_hash_differs_is_refused_and_nothing_is_touched(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    before = world.snapshot()
    lock = world.publish("b").lock({"x": ["a 1.0", "b 1.0"]})
    name, content = wheel(Release("b", "1.0", files={"b.py": "evil = 1\n"}))
    world.folder.index.publish_file("b", name, content)
    with pytest.raises(BadArtifact) as caught:
        world.install(lock)
    assert caught.value.code == "hash-mismatch"
    assert name in caught.value.message
    assert world.snapshot() == before


def test_an_unsafe_wheel_is_refused_and_nothing_is_touched(world: World) -> None:
    world.install({})
    before = world.snapshot()
    served = world.folder.index.publish_file("a", "a-1.0-py3-none-any.whl", zip_archive({"../evil.py": "x = 1\n"}))
    world.publish("a")
    served = world.folder.index.publish_file("a", "a-1.0-py3-none-any.whl", served.content)
    package = world.packages["a 1.0"]
    locked = replace(package.wheels[0], hashes={"sha256": served.hashes["sha256"]})
    world.add(replace(package, wheels=(locked,)))
    with pytest.raises(BadArtifact) as caught:
        world.install({"x": ["a 1.0"]})
    assert caught.value.code == "wheel-unsafe"
    assert world.snapshot() == before
    assert not list(world.root.rglob("evil.py"))


def test_pip_sees_what_is_locked(world: World) -> None:
    world.publish("a").publish("b", "2.1")
    world.install({"x": ["a 1.0", "b 2.1"]})
    listing = "import importlib.metadata as m; print(sorted((d.name, d.version) for d in m.distributions()))"
    assert world.python("py_modules/x", listing) == "[('a', '1.0'), ('b', '2.1')]"


def test_a_receipt_is_what_the_plan_compares_with(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    receipt = json.loads((world.tree("x") / ".mvlock.json").read_text())
    assert [(item["name"], item["imports"]) for item in receipt["distributions"]] == [("a", ["a"])]
    (world.tree("x") / ".mvlock.json").write_text("{")
    report = world.install({"x": ["a 1.0"]})
    assert report.plan.of(Action.REPLACE) == ("x",)
    assert world.install({"x": ["a 1.0"]}).changed is False


def test_generated_folders_are_ignored_by_git(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    assert (world.root / "py_modules/.gitignore").read_text() == "*\n"
    assert (world.root / "app/.gitignore").read_text() == "*\n"
    assert not [name for name in os.listdir(world.root) if "tmp" in name]  # noqa: PTH208  # hidden ones too


def test_names_that_differ_from_the_locked_ones_are_reported(world: World) -> None:
    world.publish("a", files={"a/__init__.py": "", "extra.py": "", "_a.py": "", "4f__mypyc.so": "", "tests/t.py": ""})
    world.install(world.lock({"x": ["a 1.0"]}, x={"imports": ("a", "gone")}))
    assert world.reporter.notes == [
        "tree x: mv.lock exposes gone, which its wheels here do not provide",
        "tree x: its wheels here also provide extra, which mv.lock does not expose",
    ]


def test_a_dependency_named_like_the_standard_library_is_reported_and_replaces_nothing(world: World) -> None:
    world.publish("uuid", files={"uuid.py": "raise SyntaxError"}).publish("b", files={"b.py": "import uuid"})
    world.install(world.lock({"uuid": ["uuid 1.0"], "b": ["b 1.0"]}, uuid={"imports": ("uuid",)}))
    assert "tree uuid: the standard library has uuid, and it always comes first" in world.reporter.notes
    assert world.python("app", "import b, uuid; print(b.uuid is uuid, uuid.uuid4().version)") == "True 4"


@pytest.mark.parametrize("version", WANTED)
def test_trees_are_made_for_other_interpreters_too(world: World, version: str) -> None:
    other = find_interpreter(SpecifierSet(), str(require(version)), search=Search())
    world.publish("a", scripts={"a-run": "a:main"}, files={"a/__init__.py": "def main(): print('ran')\n"})
    world.install({"x": ["a 1.0"]}, interpreter=other)
    code = "import a, sys; print(sys.version_info[:2], a.__spec__.cached)"
    output = world.python("py_modules/x", code).replace(", ", ".")
    assert output.startswith(f"({version})")
    assert run(world.tree("x") / "bin/a-run") == "ran"
    cached = world.tree("x") / other.layout["purelib"] / "a/__pycache__" / f"__init__.{other.cache_tag}.pyc"
    assert cached.stat().st_nlink > 1


def test_another_interpreter_means_new_trees(world: World) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    other, path = require_other(world.interpreter.minor)
    found = find_interpreter(SpecifierSet(), str(path), search=Search())
    report = world.install({"x": ["a 1.0"]}, interpreter=found)
    assert report.plan.of(Action.REPLACE) == ("x",)
    assert report.plan.app is Action.REPLACE
    assert world.python("app", "import a, sys; print('%d.%d' % sys.version_info[:2])") == other


def test_a_single_tree_is_not_made_for_another_interpreter_than_the_others(world: World) -> None:
    trees = {"x": ["a 1.0"], "y": ["b 1.0"]}
    world.publish("a").publish("b").install(trees)
    _, path = require_other(world.interpreter.minor)
    found = find_interpreter(SpecifierSet(), str(path), search=Search())
    before = world.snapshot()
    for dry_run in (False, True):
        with pytest.raises(LocalError, match="other trees are for") as caught:
            world.install(trees, interpreter=found, only=frozenset({"x"}), dry_run=dry_run)
        assert caught.value.code == "python-of-others"
    assert world.snapshot() == before
    world.install(trees, interpreter=found, only=frozenset({"x", "y"}))
    assert world.python("app", "import a, b; print(a.__version__, b.__version__)") == "1.0 1.0"


def test_metadata_of_what_has_no_module_is_the_applications_too(world: World) -> None:
    world.publish("stubs", files={"lib-stubs/__init__.pyi": ""}).publish("web", files={"web.py": ""})
    world.install({"web": ["web 1.0"], "stubs": ["stubs 1.0"]})
    assert world.python("app", "from importlib.metadata import version; print(version('stubs'))") == "1.0"


def test_a_tree_with_missing_files_says_what_to_do(world: World) -> None:
    for name in ("one", "two"):
        world.publish(name, files={f"{name}/__init__.py": ""})
    world.install({"one": ["one 1.0"], "two": ["two 1.0"]})
    ask = "try: import one\nexcept ModuleNotFoundError as error: print(error)"
    shutil.rmtree(world.site_packages("one") / "one")
    assert world.python("app", ask) == "No module named 'one': tree one is damaged; run `mvlock install --repair`"
    shutil.rmtree(world.root / "py_modules/one")
    assert world.python("app", ask) == "No module named 'one': tree one is not installed; run `mvlock install`"
