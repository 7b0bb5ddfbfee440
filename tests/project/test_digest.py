"""The digest changes with what the lock depends on, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.project.digest import inputs_digest
from tests.project.projects import HEAD, load

_BASE = """dependencies = ["a>=1", "b"]
[project.optional-dependencies]
fast = ["c"]
[dependency-groups]
dev = ["d"]
[tool.mvlock]
constraints = ["x<2"]
[tool.mvlock.alias]
old = "a<1"
[[tool.mvlock.index]]
name = "internal"
url = "https://me:secret@example.invalid/simple/"
"""


def digest(folder: Path, text: str, head: str = HEAD) -> str:
    return inputs_digest(load(folder, text, head))


def test_a_digest_is_a_sha256(tmp_path: Path) -> None:
    kind, _, value = digest(tmp_path, _BASE).partition(":")
    assert (kind, len(value)) == ("sha256", 64)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["a>=1", "b"]', '[ "B" ,\n "A >= 1" ]  # why'),
        ('name = "my-app"', 'name = "other"'),
        ("https://me:secret@example.invalid/simple/", "https://mirror.invalid/simple/"),
        ('constraints = ["x<2"]', 'constraints = ["x<2"]\napp = "env"\nmodules = "deps"\nsource = ["lib"]'),
        ('constraints = ["x<2"]', 'constraints = ["x < 2", "x<2"]\nunify = true'),
    ],
)
def test_what_the_lock_does_not_depend_on_changes_nothing(tmp_path: Path, old: str, new: str) -> None:
    assert digest(tmp_path, _BASE) == digest(tmp_path, _BASE.replace(old, new), HEAD.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"a>=1"', '"a>=2"'),
        ('"b"]', '"b[x]"]'),
        ('fast = ["c"]', 'slow = ["c"]'),
        ('dev = ["d"]', 'test = ["d"]'),
        ('dev = ["d"]', 'dev = ["d"]\nmore = ["d"]'),
        ("x<2", "x<3"),
        ('old = "a<1"', 'older = "a<1"'),
        ('old = "a<1"', 'old = { requirement = "a<1", module = "m" }'),
        ('"internal"', '"external"'),
        ("simple/", 'simple/"\nexplicit = true\n#'),
        ("[tool.mvlock]", "[tool.mvlock]\nunify = false"),
        ("[tool.mvlock]", "[tool.mvlock]\nno-build = true"),
        ("[tool.mvlock]", '[tool.mvlock]\nisolate = "conflicts"'),
        ("[tool.mvlock]", '[tool.mvlock]\nprereleases = "allow"'),
        ("[tool.mvlock]", '[tool.mvlock]\noverrides = ["z==1"]'),
        ("[tool.mvlock]", '[tool.mvlock]\nexclude-newer = "7 days"'),
        ("[tool.mvlock]", '[tool.mvlock]\nbuild-constraints = ["setuptools<70"]'),
        ("[tool.mvlock]", '[tool.mvlock]\nexclude-dependencies = ["z"]'),
        ("[tool.mvlock]", '[tool.mvlock]\ntrees.a.exclude-dependencies = ["z"]'),
        ("[tool.mvlock]", '[tool.mvlock]\nexclude-newer-package.b = "7 days"'),
        ("[tool.mvlock]", "[tool.mvlock]\nexclude-newer-package.b = false"),
        ("[tool.mvlock]", '[tool.mvlock]\ntrees.a.exclude-newer = "7 days"'),
        ("[tool.mvlock]", "[tool.mvlock]\nenvironments = [\"os_name == 'nt'\"]"),
        ("[tool.mvlock]", '[tool.mvlock]\nshare = { always = ["numpy"] }'),
        ("[tool.mvlock]", "[tool.mvlock]\npeers = false"),
        ("[tool.mvlock]", "[tool.mvlock]\ntrees.a.peers = false"),
        ("[tool.mvlock]", '[tool.mvlock]\nsources.b.git = "https://example.invalid/b"'),
        ("dependencies", 'requires-python = ">=3.11"\ndependencies'),
    ],
)
def test_what_the_lock_depends_on_changes_it(tmp_path: Path, old: str, new: str) -> None:
    assert old in _BASE
    assert digest(tmp_path, _BASE) != digest(tmp_path, _BASE.replace(old, new, 1))


def test_a_local_source_counts_by_its_metadata_not_by_its_code(tmp_path: Path) -> None:
    source = tmp_path / "dep"
    source.mkdir()
    manifest = source / "pyproject.toml"
    text = 'dependencies = ["dep"]\n[tool.mvlock.sources]\ndep = { path = "dep" }\n'
    manifest.write_text('[project]\nname = "dep"\nversion = "1"\n', encoding="utf-8")
    before = digest(tmp_path, text)

    (source / "dep.py").write_text("x = 1\n", encoding="utf-8")
    manifest.write_text('[project]\nversion = "1"\nname = "dep"  # mine\n[tool.x]\ny = 1\n', encoding="utf-8")
    assert digest(tmp_path, text) == before

    manifest.write_text('[project]\nname = "dep"\nversion = "1"\ndependencies = ["q"]\n', encoding="utf-8")
    assert digest(tmp_path, text) != before


def test_a_local_source_without_static_metadata_counts_by_its_setup_script(tmp_path: Path) -> None:
    (tmp_path / "dep").mkdir()
    script = tmp_path / "dep" / "setup.py"
    text = '[tool.mvlock.sources]\ndep = { path = "dep" }\n'
    script.write_text("a", encoding="utf-8")
    before = digest(tmp_path, text)
    script.write_text("b", encoding="utf-8")
    assert digest(tmp_path, text) != before


def test_the_digest_of_a_place_is_the_digest_of_another(tmp_path: Path) -> None:
    """Projects that are moved or cloned keep their locks."""
    found = set()
    for name in ("here", "there"):
        (tmp_path / name / "dep").mkdir(parents=True)
        (tmp_path / name / "dep" / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
        found.add(digest(tmp_path / name, '[tool.mvlock.sources]\ndep = { path = "dep" }\n'))
    assert len(found) == 1
