"""Every dependency becomes a tree; entries of the settings combine dependencies, aliases add trees."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mvlock.project.digest import inputs_digest
from mvlock.project.model import Age, Prereleases, ShareMode, Sharing
from tests.project.projects import load, origins, problems, requirement_texts, tree


def test_each_dependency_is_a_tree_under_its_normalised_name(tmp_path: Path) -> None:
    project = load(tmp_path, 'dependencies = ["Dep.B>=2", "dep-a"]\n')
    assert [found.name for found in project.trees] == ["dep_a", "dep_b"]
    assert requirement_texts(tree(project, "dep_b")) == ["dep-b>=2"]
    assert origins(tree(project, "dep_b")) == ("project.dependencies[0]",)


def test_two_lines_for_one_project_are_one_tree_even_with_different_markers(tmp_path: Path) -> None:
    lines = """dependencies = ["a<2; sys_platform == 'win32'", "A>=2; sys_platform != 'win32'", "a"]\n"""
    project = load(tmp_path, lines)
    assert requirement_texts(tree(project, "a")) == [
        "a",
        'a<2; sys_platform == "win32"',
        'a>=2; sys_platform != "win32"',
    ]
    assert origins(tree(project, "a")) == (
        "project.dependencies[2]",
        "project.dependencies[0]",
        "project.dependencies[1]",
    )


def test_an_entry_takes_the_projects_it_names_out_of_trees_of_their_own(tmp_path: Path) -> None:
    project = load(
        tmp_path, 'dependencies = ["django<6", "flask"]\n[tool.mvlock.trees]\nweb = ["django>=5", "plugin"]\n'
    )
    assert [found.name for found in project.trees] == ["flask", "web"]
    assert requirement_texts(tree(project, "web")) == ["django<6", "django>=5", "plugin"]
    assert origins(tree(project, "web"))[0] == "project.dependencies[0]"


def test_an_entry_without_requirements_gives_settings_to_the_tree_of_a_dependency(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["dep-b", "other"]
        [tool.mvlock]
        constraints = ["urllib3<2"]
        overrides = ["numpy==1.26.4", "six==1"]
        [tool.mvlock.trees.dep-b]
        constraints = ["numpy<2"]
        overrides = ["numpy==1.25"]
        prereleases = "allow"
        share = "none"
        """,
    )
    own, other = tree(project, "dep_b"), tree(project, "other")
    assert [str(one) for one in own.constraints] == ["numpy<2", "urllib3<2"]
    assert [str(one) for one in own.overrides] == ["numpy==1.25", "six==1"]
    assert (own.prereleases, own.share.mode) == (Prereleases.ALLOW, ShareMode.NONE)
    assert [str(one) for one in other.constraints] == ["urllib3<2"]
    assert other.share == Sharing()


def test_a_tree_says_for_itself_whether_it_has_peers(tmp_path: Path) -> None:
    trees = 'dependencies = ["a", "b"]\n[tool.mvlock.trees.a]\npeers = {}\n[tool.mvlock]\n{}'
    assert [one.peers for one in load(tmp_path, trees.format("false", "")).trees] == [False, True]
    assert [one.peers for one in load(tmp_path, trees.format("true", "peers = false")).trees] == [True, False]


def test_a_tree_with_rules_of_its_own_is_not_solved_with_the_others(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["a", "b", "c", "d", "e", "f", "g"]
        [tool.mvlock]
        constraints = ["x<2"]
        overrides = ["y<2"]
        prereleases = "allow"
        trees.a.constraints = ["x>1"]
        trees.b.overrides = ["y<3"]
        trees.c.prereleases = "disallow"
        trees.d = { share = "none", peers = false }
        exclude-dependencies = ["z"]
        trees.f.exclude-newer = "2024-01-01"
        trees.g.exclude-dependencies = ["x"]
        """,
    )
    assert [one.name for one in project.trees if one.is_solved_jointly] == ["e"]


def test_a_tree_leaves_out_what_all_do_and_more(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["a", "b"]
        [tool.mvlock]
        exclude-dependencies = ["Py.Torch"]
        trees.a.exclude-dependencies = ["b", "py-torch"]
        """,
    )
    found = {one.name: [f"{each} {each.origin}" for each in one.exclusions] for one in project.trees}
    everywhere = "py-torch tool.mvlock.exclude-dependencies[0]"
    assert found == {"a": ["b tool.mvlock.trees.a.exclude-dependencies[0]", everywhere], "b": [everywhere]}


@pytest.mark.parametrize(
    ("written", "place", "origin"),
    [
        ('exclude-dependencies = ["x", "a"]', "exclude-dependencies[1]", "project.dependencies[0]"),
        ('trees.a.exclude-dependencies = ["A"]', "trees.a.exclude-dependencies[0]", "project.dependencies[0]"),
        ('exclude-dependencies = ["c"]\nalias.old = "c<2"', "exclude-dependencies[0]", "tool.mvlock.alias.old"),
        ('exclude-dependencies = ["d"]\ntrees.t = ["d"]', "exclude-dependencies[0]", "tool.mvlock.trees.t[0]"),
    ],
)
def test_what_the_application_requires_cannot_be_left_out(
    tmp_path: Path, written: str, place: str, origin: str
) -> None:
    (found,) = problems(tmp_path, f'dependencies = ["a"]\n[tool.mvlock]\n{written}\n')
    assert found.startswith(f"tool.mvlock.{place}: ")
    assert found.endswith(f" cannot be left out: {origin} requires it")


def test_a_tree_and_an_alias_have_limits_of_upload_times(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["a", "b"]
        [tool.mvlock]
        exclude-newer = "1 day"
        trees.a.exclude-newer = "3 days"
        trees.a_older.exclude-newer = "7 days"
        alias.a_old = { requirement = "a<2", exclude-newer = "5 days" }
        alias.a_older = "a<1"
        """,
    )
    limits = [tree(project, name).exclude_newer for name in ("a", "a_old", "a_older", "b")]
    assert limits == [*(Age(timedelta(days=days)) for days in (3, 5, 7)), None]


def test_an_alias_has_one_limit(tmp_path: Path) -> None:
    text = """[tool.mvlock]
        alias.a_old = { requirement = "a<2", exclude-newer = "5 days" }
        trees.a_old.exclude-newer = "3 days"
        """
    assert problems(tmp_path, text) == ["tool.mvlock.alias.a_old.exclude-newer: is set in tool.mvlock.trees.a_old, too"]


def test_what_a_tree_leaves_out_of_share_is_as_everywhere(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["a"]
        [tool.mvlock]
        share = { never = ["Proto.Buf"], always = ["numpy"] }
        trees.a.share = { never = [] }
        """,
    )
    numpy = tree(project, "a").share.always
    assert numpy == {"numpy"}
    assert tree(project, "a").share == Sharing(ShareMode.IDENTICAL, always=numpy)


def test_the_share_of_a_tree_wins_over_what_the_common_one_says_of_the_same_project(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["a", "b", "c"]
        [tool.mvlock]
        share = { always = ["numpy", "six"], never = ["proto.buf", "attrs"] }
        trees.a.share = { never = ["NumPy"] }
        trees.b.share = { always = ["proto-buf"] }
        """,
    )
    shares = {name: tree(project, name).share for name in ("a", "b", "c")}
    assert sorted(shares["a"].always) == ["six"]
    assert sorted(shares["a"].never) == ["numpy"]
    assert sorted(shares["b"].always) == ["proto-buf"]
    assert sorted(shares["b"].never) == ["attrs"]
    assert sorted(shares["c"].always | shares["c"].never) == ["attrs", "numpy", "proto-buf", "six"]


def test_a_tree_that_shares_nothing_leaves_out_what_others_always_share(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["a", "b", "c"]
        [tool.mvlock]
        share = { mode = "none", always = ["numpy"], never = ["six"] }
        trees.a.share = "none"
        trees.b.share = { mode = "none", always = ["attrs"] }
        """,
    )
    shares = {name: tree(project, name).share for name in ("a", "b", "c")}
    assert [sorted(shares[name].always) for name in ("a", "b", "c")] == [[], ["attrs"], ["numpy"]]
    assert [sorted(shares[name].never) for name in ("a", "b", "c")] == [["six"]] * 3


def test_an_alias_is_a_tree_of_its_own_beside_the_dependency(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["pandas>=2.2"]
        [tool.mvlock.alias]
        pandas_old = ["pandas==2.0.3", "numpy<2"]
        sklearn_new = { requirement = "scikit-learn>=1.5", module = "sklearn" }
        """,
    )
    old, new = tree(project, "pandas_old"), tree(project, "sklearn_new")
    assert requirement_texts(tree(project, "pandas")) == ["pandas>=2.2"]
    assert (old.alias, old.module, old.alias_project) == ("pandas_old", None, "pandas")
    assert requirement_texts(old) == ["numpy<2", "pandas==2.0.3"]
    assert (new.alias, new.module, new.alias_project) == ("sklearn_new", "sklearn", "scikit-learn")


def test_settings_of_an_alias_stand_under_trees(tmp_path: Path) -> None:
    project = load(tmp_path, '[tool.mvlock]\nalias.old = "a==1"\ntrees.old.constraints = ["b<2"]\n')
    assert [str(one) for one in tree(project, "old").constraints] == ["b<2"]


def test_names_that_clash_are_reported_with_both_places(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """dependencies = ["pandas", "b-c"]
        [tool.mvlock.alias]
        Pandas = "pandas<2"
        [tool.mvlock.trees]
        b_c = ["q"]
        """,
    )
    assert found == [
        "project.dependencies[1]: a second tree with the name 'b_c', after tool.mvlock.trees.b_c; "
        "add 'b-c' to its requirements to put it there",
        "tool.mvlock.alias.Pandas: a second tree with the name 'Pandas', after \"pandas\" (project.dependencies[0])",
    ]


def test_names_that_are_no_identifiers_or_taken_are_refused(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """dependencies = ["3to2", "class"]
        [tool.mvlock.alias]
        json = "ujson"
        "a-b" = "b"
        importshim = "x"
        """,
    )
    assert found == [
        "project.dependencies[0]: '3to2' is not a Python identifier; name a tree for it in [tool.mvlock.trees]",
        "project.dependencies[1]: 'class' is not a Python identifier; name a tree for it in [tool.mvlock.trees]",
        "tool.mvlock.alias.json: 'json' is a name of the standard library",
        "tool.mvlock.alias.a-b: 'a-b' is not a Python identifier",
        "tool.mvlock.alias.importshim: 'importshim' is a name of mvlock itself",
    ]


def test_an_entry_can_give_an_awkward_project_a_name(tmp_path: Path) -> None:
    project = load(tmp_path, 'dependencies = ["3to2"]\n[tool.mvlock.trees]\nthree = ["3to2"]\n')
    assert [found.name for found in project.trees] == ["three"]


def test_settings_for_a_tree_that_does_not_exist_are_an_error(tmp_path: Path) -> None:
    found = problems(tmp_path, 'dependencies = ["pandas"]\n[tool.mvlock.trees.panda]\nconstraints = ["x"]\n')
    assert found == [
        "tool.mvlock.trees.panda: has no requirements, and no dependency makes a tree 'panda'; did you mean 'pandas'?"
    ]


def test_two_spellings_of_one_tree_are_refused(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """dependencies = ["a-b"]
        [tool.mvlock.trees]
        a_b = { constraints = ["x"] }
        a-b = { constraints = ["y"] }
        """,
    )
    assert found == ["tool.mvlock.trees.a-b: means the same tree as tool.mvlock.trees.a_b"]


def wishes(folder: Path, text: str) -> list[tuple[str | None, str | None, str | None]]:
    """What requires tree a, and where."""
    return [(one.group, one.extra, one.marker) for one in tree(load(folder, text), "a").wishes]


def test_reasons_with_different_markers_are_separate(tmp_path: Path) -> None:
    windows = 'sys_platform == "win32"'
    text = f"""dependencies = ["a; {windows.replace('"', "'")}"]
    [project.optional-dependencies]
    x = ["a>=2"]
    [dependency-groups]
    g = ["a; python_version < '3.12'", "a; {windows.replace('"', "'")}"]
    """
    assert wishes(tmp_path, text) == [
        (None, None, windows),
        (None, "x", None),
        ("g", None, f'python_version < "3.12" or {windows}'),
    ]


def test_reasons_for_the_same_environments_need_no_markers(tmp_path: Path) -> None:
    always = 'dependencies = ["a"]\n[project.optional-dependencies]\nx = ["a; os_name == \'nt\'"]\n'
    alike = "[project.optional-dependencies]\nx = [\"a; os_name == 'nt'\"]\ny = [\"a>1; os_name == 'nt'\"]\n"
    assert wishes(tmp_path, always) == wishes(tmp_path, alike) == []


def test_the_digest_depends_on_where_a_requirement_is(tmp_path: Path) -> None:
    lines = ["a", "a; os_name == 'nt'"]
    texts = [
        f'dependencies = ["{one}"]\n[project.optional-dependencies]\nx = ["{two}"]\n'
        for one, two in (lines, lines[::-1])
    ]
    assert len({inputs_digest(load(tmp_path, text)) for text in texts}) == 2
