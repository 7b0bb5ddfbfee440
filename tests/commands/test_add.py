"""``mvlock add`` and ``remove``: every kind of thing to add, where it is written, and what is said about it."""

from __future__ import annotations

import re
import subprocess

import pytest

from mvlock.commands.addition import read_additions
from mvlock.commands.arguments import parse
from mvlock.commands.manifest import Manifest
from tests.commands.command_line import Mvlock, files_below
from tests.install.test_sources import commit_all
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release, sdist, wheel, write_source


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """``a`` is required; ``b`` and ``c`` have two versions; a folder, archives and a repository have a project each."""
    monkeypatch.chdir(project.root)
    for name in ("a", "b", "c"):
        index.publish(name, "1.0")
        index.publish(name, "2.0")
    project.write(["a<2"])
    project.add_source("libs/dep_a", Release("dep-a", "1.0", requires=["c<2"], extras={"more": ["b"]}))
    project.add_source("libs/dynamic", Release("dep-d", "1.0", dynamic=["requires-dist"]))
    for made in (wheel, sdist):
        release = Release(f"dep-{made.__name__}", "1.0")
        project.add_file(made(release)[0], made(release)[1])
        index.publish_file("unlisted", *made(Release(f"far-{made.__name__}", "1.0")))
    write_source(project.root / "repository/sub", Release("dep-git", "1.0"))
    commit_all(project.root / "repository")


SOURCES = {
    "a folder": (["./libs/dep_a"], "dep-a", '{ path = "libs/dep_a" }'),
    "an editable folder": (["-e", "libs/dep_a"], "dep-a", '{ path = "libs/dep_a", editable = true }'),
    "a folder, then editable": (["./libs/dep_a", "--editable"], "dep-a", '{ path = "libs/dep_a", editable = true }'),
    "a folder that is built": (["./libs/dynamic"], "dep-d", '{ path = "libs/dynamic" }'),
    "a wheel": (["dep_wheel-1.0-py3-none-any.whl"], "dep-wheel", '{ path = "dep_wheel-1.0-py3-none-any.whl" }'),
    "an sdist": (["./dep_sdist-1.0.tar.gz"], "dep-sdist", '{ path = "dep_sdist-1.0.tar.gz" }'),
    "a wheel at a URL": (
        ["{origin}/files/far_wheel-1.0-py3-none-any.whl"],
        "far-wheel",
        '{ url = "{origin}/files/far_wheel-1.0-py3-none-any.whl" }',
    ),
    "an sdist at a URL": (
        ["{origin}/files/far_sdist-1.0.tar.gz"],
        "far-sdist",
        '{ url = "{origin}/files/far_sdist-1.0.tar.gz" }',
    ),
    "a repository": (
        ["git+file://{root}/repository@main#subdirectory=sub"],
        "dep-git",
        '{ git = "file://{root}/repository", rev = "main", subdirectory = "sub" }',
    ),
    "a branch": (
        ["git+file://{root}/repository#subdirectory=sub", "--branch", "main"],
        "dep-git",
        '{ git = "file://{root}/repository", rev = "main", subdirectory = "sub" }',
    ),
    "a direct reference": (
        ["dep-git @ git+file://{root}/repository#subdirectory=sub"],
        "dep-git",
        '{ git = "file://{root}/repository", subdirectory = "sub" }',
    ),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_not_from_an_index_gets_a_source_and_remove_takes_both(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, kind: str
) -> None:
    words, name, source = SOURCES[kind]

    def filled(text: str) -> str:
        return text.replace("{origin}", index.origin).replace("{root}", str(project.root))

    before = project.pyproject.read_text("utf-8")
    outcome = mvlock("add", *map(filled, words))
    assert outcome.code == 0, outcome.err
    told = [line for line in outcome.err.splitlines() if not line.startswith("note: built, which runs their code")]
    assert told[:3] == [
        f"Added '{name}' to project.dependencies",
        f"Added {name} = {filled(source)} to tool.mvlock.sources",
        "+ a 1.0",
    ]
    text = project.pyproject.read_text("utf-8")
    assert text == before.replace('["a<2"]', f'["a<2", "{name}"]').rstrip("\n") + (
        f"\n\n[tool.mvlock.sources]\n{name} = {filled(source)}\n"
    )
    assert mvlock("verify").code == mvlock("resolve", "--check").code == 0
    outcome = mvlock("remove", name)
    assert outcome.err.splitlines()[:2] == [
        f"Removed '{name}' from project.dependencies",
        f"The source of '{name}' is removed too",
    ]
    assert project.pyproject.read_text("utf-8").rstrip("\n") == before.rstrip("\n")


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["https://h.example.invalid/lib.git"], {"git": "https://h.example.invalid/lib.git"}),
        (["https://h.example.invalid/lib.git@v1"], {"git": "https://h.example.invalid/lib.git", "rev": "v1"}),
        (["git+ssh://git@h.example.invalid/lib@v1"], {"git": "ssh://git@h.example.invalid/lib", "rev": "v1"}),
        (["git+https://h.example.invalid/lib", "--tag", "v1"], {"git": "https://h.example.invalid/lib", "rev": "v1"}),
        (["lib[x] @ https://h.example.invalid/lib-1.0.zip"], {"url": "https://h.example.invalid/lib-1.0.zip"}),
        (["https://h.example.invalid/lib-1.0.zip[x]"], {"url": "https://h.example.invalid/lib-1.0.zip"}),
        (
            [f"https://h.example.invalid/lib-1.0.zip#sha256={'0' * 64}&subdirectory=a"],
            {"url": f"https://h.example.invalid/lib-1.0.zip#sha256={'0' * 64}", "subdirectory": "a"},
        ),
        (["lib", "--index", "inner=https://h.example.invalid/simple"], {"index": "inner"}),
    ],
)
def test_urls_in_every_form_have_their_source(project: ProjectFolder, words: list[str], keys: dict[str, str]) -> None:
    arguments = parse(["add", *words])
    assert arguments is not None
    (addition,) = read_additions(arguments, project.root)
    assert addition.keys == keys
    assert (addition.extras or str(addition.requirement or "")[3:]) == ("[x]" if "[x]" in words[0] else "")


def test_a_bare_name_in_full(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("install")
    assert [re.sub(r"\d+ B", "842 B", line) for line in mvlock("add", "b").told] == [
        "Added 'b>=2.0' to project.dependencies",
        "+ b 2.0",
        "Locked 2 distributions, one version of each, in mv.lock in 0.0 s (1 changed)",
        "Installed 1 distribution: 1 downloaded (842 B), in 0.0 s",
    ]
    assert mvlock("remove", "b").told == [
        "Removed 'b' from project.dependencies",
        "- b 2.0",
        "Locked 1 distribution in mv.lock in 0.0 s (1 changed)",
        "Updated 1 tree in 0.0 s",
    ]
    assert mvlock("install").err == "Nothing to do: py_modules/ and app/ match mv.lock\n"


def test_extras_of_a_folder_are_required(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("add", "./libs/dep_a[more]").err.splitlines()[0] == "Added 'dep-a[more]' to project.dependencies"
    assert (project.root / "py_modules/dep_a").exists()


def test_paths_are_relative_to_the_current_directory(
    mvlock: Mvlock, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root / "libs")
    for word in ("./dep_a", "../libs/dep_a", str(project.root / "libs/dep_a")):
        assert mvlock("add", word, "--no-install").code == 0
        assert 'dep-a = { path = "libs/dep_a" }' in project.pyproject.read_text("utf-8")


def test_a_name_is_a_name_even_beside_a_folder_of_that_name(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_source("b", Release("other", "1.0"))
    assert mvlock("add", "b").err.startswith("Added 'b>=2.0' to project.dependencies\n")


def test_a_reference_stays_as_it_is_written_on_request(mvlock: Mvlock, project: ProjectFolder) -> None:
    reference = f"dep-git @ git+file://{project.root}/repository#subdirectory=sub"
    assert mvlock("add", "--raw", reference).code == 0
    assert reference in project.pyproject.read_text("utf-8")
    assert "sources" not in project.pyproject.read_text("utf-8")


def test_an_index_by_name_and_one_that_is_new(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    with LocalIndex() as other:
        other.publish("b", "3.0")
        outcome = mvlock("add", "b", "--index", f"inner={other.url}")
        assert outcome.err.splitlines()[:3] == [
            "Added 'b>=3.0' to project.dependencies",
            "Added index 'inner' to tool.mvlock.index",
            'Added b = { index = "inner" } to tool.mvlock.sources',
        ]
        assert f'[[tool.mvlock.index]]\nname = "inner"\nurl = "{other.url}"\n' in project.pyproject.read_text("utf-8")
        again = mvlock("add", "c", "--index", "local")
        assert again.err.splitlines()[1] == 'Added c = { index = "local" } to tool.mvlock.sources'
        before = files_below(project.root)
        assert "is http" in mvlock("add", "c", "--index", f"inner={index.url}").err
        assert "there is no index 'outer'" in mvlock("add", "c", "--index", "outer").err
        assert files_below(project.root) == before


def test_an_alias_and_a_tree_are_added_to_and_removed(mvlock: Mvlock, project: ProjectFolder) -> None:
    before = project.pyproject.read_text("utf-8")
    assert (
        mvlock("add", "c==1.0", "--alias", "c_old").err.splitlines()[0] == "Added 'c==1.0' to tool.mvlock.alias.c_old"
    )
    assert mvlock("add", "c", "--alias", "c_new").err.splitlines()[0] == "Added 'c>=2.0' to tool.mvlock.alias.c_new"
    assert mvlock("add", "b", "--alias", "c_new").code == 0
    assert mvlock("add", "b", "c", "--tree", "web").code == 0
    text = project.pyproject.read_text("utf-8")
    assert '[tool.mvlock.alias]\nc_old = "c==1.0"\nc_new = ["c>=2.0", "b>=2.0"]\n' in text
    assert '[tool.mvlock.trees]\nweb = ["b>=2.0", "c>=2.0"]\n' in text
    seen = [
        str(project.root / "app/bin/python"),
        "-c",
        "import c_old, c_new, b; print(c_old.__version__, c_new.__version__)",
    ]
    assert subprocess.run(seen, capture_output=True, text=True, check=True).stdout == "1.0 2.0\n"
    assert mvlock("remove", "b", "--alias", "c_new").err.splitlines()[0] == "Removed 'b' from tool.mvlock.alias.c_new"
    assert mvlock("remove", "c", "--alias", "c_new").code == 0
    assert mvlock("remove", "--alias", "c_old").err.splitlines()[0] == "Removed tool.mvlock.alias.c_old"
    assert mvlock("remove", "b", "--tree", "web").code == 0
    assert mvlock("remove", "--tree", "web").err.splitlines()[0] == "Removed tool.mvlock.trees.web"
    assert project.pyproject.read_text("utf-8").rstrip("\n") == before.rstrip("\n")


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ('c_new = "c"', 'c_new = ["c", "b==1.0"]'),
        ('c_new = ["c", "b"]', 'c_new = ["c", "b==1.0"]'),
        ('c_new = { requirement = "c", module = "c" }', 'requirements = ["c", "b==1.0"]'),
        ('c_new = { requirements = ["c"], module = "c" }', 'c_new = { requirements = ["c", "b==1.0"], module = "c" }'),
    ],
)
def test_every_form_of_an_alias_can_be_edited(mvlock: Mvlock, project: ProjectFolder, written: str, after: str) -> None:
    project.write(extra=f"[tool.mvlock.alias]\n{written}\n")
    assert mvlock("add", "--no-install", "b==1.0", "--alias", "c_new").code == 0
    assert after in project.pyproject.read_text("utf-8")


def test_a_place_that_is_somewhere_else_is_named(mvlock: Mvlock) -> None:
    mvlock("add", "b", "--alias", "b_new", "--no-install")
    outcome = mvlock("remove", "b")
    assert outcome.code == 2
    assert outcome.err.endswith("hint: it is in tool.mvlock.alias.b_new; use `--alias b_new`\n")


WRONG = {
    "a folder that is missing": (("./nowhere",), 2, "./nowhere: 'nowhere' does not exist"),
    "a folder without a project": (("./libs",), 2, "neither pyproject.toml nor setup.py"),
    "the project itself": ((".",), 2, "is the project itself"),
    "an editable archive": (("-e", "./dep_sdist-1.0.tar.gz"), 2, "cannot be editable"),
    "a URL that is missing": (("http://127.0.0.1:9/x-1.0.tar.gz",), 3, "127.0.0.1:9"),
    "no repository": (("git+file:///nowhere/at/all",), 3, "git clone failed"),
    "a revision without a repository": (("b", "--rev", "main"), 2, "need a git URL"),
    "an index for a path": (("./libs/dep_a", "--index", "local"), 2, "goes with the name of a project"),
    "nothing": ((), 2, "nothing to add was given"),
    "a version after @": (("b@1.0",), 2, "hint: write b==1.0"),
    "two of 0": (("b==0.12.*", "B==0.13"), 2, "hint: `mvlock add --alias b_0_12 'b==0.12.*'` gives that one another"),
    "two versions": (("b==1.0", "B==2.0"), 2, "hint: `mvlock add --alias b_1 'b==1.0'` gives that one another name"),
    "two places": (("b", "--alias", "x", "--tree", "y"), 2, "not allowed with argument"),
    "a package of the project": (("b", "--alias", "mypkg"), 2, "or mypkg/ of the project"),
    "a module of the project": (
        ("b", "--alias", "mymod"),
        2,
        "`import mymod` could mean alias mymod (b) or mymod.py of",
    ),
    "a module below src": (("b", "--alias", "below"), 2, "or src/below/ of the project"),
    "a name that no tree may have": (("b", "--tree", "not-a-name!"), 2, "is not a Python identifier"),
}


@pytest.mark.parametrize(("words", "code", "text"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_and_nothing_is_written(
    mvlock: Mvlock, project: ProjectFolder, words: tuple[str, ...], code: int, text: str
) -> None:
    for path in ("mypkg/__init__.py", "mymod.py", "src/below/inner.py"):
        project.add_file(path, "x = 1\n")
    mvlock("install")
    before = files_below(project.root)
    outcome = mvlock("add", *words)
    assert (outcome.code, text in outcome.err) == (code, True), outcome.err
    assert files_below(project.root) == before


def test_an_alias_may_not_hide_the_project_itself_but_folders_of_other_things_may_have_its_name(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    project.write(tool='alias.my_app = "b==1.0"')
    project.add_file("my_app/data.csv", "1\n")
    project.add_file("my_app/pyproject.toml", "")
    project.add_file("my_app_too.py", "")
    assert mvlock("resolve").code == 0
    project.write(tool='alias.my_app = "b==1.0"', project='scripts = { serve = "serving:main" }')
    outcome = mvlock("resolve")
    assert outcome.code == 2
    assert "error: `import my_app` could mean alias my_app (b==1.0) or the project itself\n" in outcome.err


def test_removing_nothing_is_a_mistake(mvlock: Mvlock) -> None:
    assert mvlock("remove").code == 2
    assert mvlock("remove", "--alias", "x").err == "error: there is no tool.mvlock.alias.x\n"


def test_a_slip_in_what_is_removed_is_guessed(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["dep-wheel"], tool='alias.b_old = "b==1.0"\ntrees.web = ["c"]')
    for words, guess in (
        (("--alias", "b_odl"), "tool.mvlock.alias.b_odl; did you mean 'b_old'?"),
        (("--tree", "wbe"), "tool.mvlock.trees.wbe; did you mean 'web'?"),
        (("Dep_Whele",), "project.dependencies; did you mean 'dep-wheel'?"),
    ):
        assert mvlock("remove", *words).err.endswith(f"{guess}\n")


def test_the_installed_groups_and_extras_include_the_edited_one(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("add", "b", "--group", "docs").code == 0
    assert (project.root / "py_modules/b").exists()
    assert mvlock("add", "c", "--extra", "fast").code == 0
    assert (project.root / "py_modules/c").exists()


def test_tables_in_any_order_are_edited(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    project.pyproject.write_text(
        '[tool.other]\nx = 1\n\n[project]\nname = "my-app"\n\n[tool.mvlock]\nunify = true\nalias.c_old = "c==1.0"\n\n'
        f'[dependency-groups]\ndev = []\n\n[[tool.mvlock.index]]\nname = "local"\nurl = "{index.url}"\n'
        "default = true\n",
        encoding="utf-8",
    )
    assert mvlock("add", "--no-install", "./libs/dep_a").code == 0
    assert mvlock("add", "--no-install", "c==2.0", "--alias", "c_new").code == 0
    assert project.pyproject.read_text("utf-8") == (
        '[tool.other]\nx = 1\n\n[project]\nname = "my-app"\ndependencies = ["dep-a"]\n\n'
        '[tool.mvlock]\nunify = true\nalias.c_old = "c==1.0"\nalias.c_new = "c==2.0"\n\n'
        '[tool.mvlock.sources]\ndep-a = { path = "libs/dep_a" }\n\n'
        f'[dependency-groups]\ndev = []\n\n[[tool.mvlock.index]]\nname = "local"\nurl = "{index.url}"\ndefault = true\n'
    )
    assert mvlock("remove", "--no-install", "dep-a").code == 0
    assert mvlock("resolve", "--check").code == 0


@pytest.mark.parametrize("table", ["[tool.mvlock.sources.dep-a]\npath =", "[tool.mvlock.sources]\nDEP_a.path ="])
def test_a_source_is_replaced_however_it_is_written(mvlock: Mvlock, project: ProjectFolder, table: str) -> None:
    project.write(["a<2"], extra=f'{table} "libs/dynamic"\n')
    assert mvlock("add", "--no-install", "./libs/dep_a").code == 0
    assert mvlock("resolve", "--check").code == 0
    assert "libs/dynamic" not in project.pyproject.read_text("utf-8")


def test_a_source_stays_while_something_else_needs_it(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("add", "--no-install", "./libs/dep_a")
    mvlock("add", "--no-install", "dep-a", "--group", "docs")
    mvlock("remove", "--no-install", "dep-a")
    assert "libs/dep_a" in project.pyproject.read_text("utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '\n[[tool.mvlock.index]]\nname = "n"\nurl = "u"\n'),
        ("\n[tool.mvlock]\nunify = true\n", '\n[[tool.mvlock.index]]\nname = "n"\nurl = "u"\n'),
        ('\n[tool.mvlock]\nindex = [{ name = "m", url = "v" }]\n', 'v" }, {name = "n", url = "u"}]\n'),
        ('\n[[tool.mvlock.index]]\nname = "m"\nurl = "v"\n', '"v"\n\n[[tool.mvlock.index]]\nname = "n"\nurl = "u"\n'),
    ],
)
def test_an_index_is_added_in_the_form_that_the_others_have(before: str, after: str) -> None:
    manifest = Manifest('[project]\nname = "x"\n' + before)
    assert manifest.put_index("n", "u")
    assert manifest.text.endswith(after)
    assert not Manifest(manifest.text).put_index("n", "u/")
