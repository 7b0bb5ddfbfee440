"""Groups, extras and references of a project to itself."""

from __future__ import annotations

from pathlib import Path

from tests.project.projects import load, origins, problems, requirement_texts, tree


def test_groups_and_extras_say_when_a_tree_is_wanted(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """dependencies = ["a"]
        [project.optional-dependencies]
        "Fast.Er" = ["b", "a[speed]"]
        [dependency-groups]
        dev = ["b", "c"]
        """,
    )
    a, b, c = project.trees
    assert (a.always, sorted(a.groups), sorted(a.extras)) == (True, [], [])
    assert requirement_texts(a) == ["a", "a[speed]"]
    assert (b.always, sorted(b.groups), sorted(b.extras)) == (False, ["dev"], ["fast-er"])
    assert (c.always, sorted(c.groups), sorted(c.extras)) == (False, ["dev"], [])
    assert (sorted(project.groups), sorted(project.extras)) == (["dev"], ["fast-er"])


def test_an_entry_is_wanted_when_those_it_arranges_are(tmp_path: Path) -> None:
    groups = '[dependency-groups]\ndev = ["pytest"]\n[tool.mvlock.trees]\n'
    only_dev = load(tmp_path, groups + 'qa = ["pytest"]\n').trees[0]
    assert (only_dev.always, sorted(only_dev.groups)) == (False, ["dev"])
    with_its_own = load(tmp_path, groups + 'qa = ["pytest", "pytest-cov"]\n').trees[0]
    assert (with_its_own.always, sorted(with_its_own.groups)) == (True, [])


def test_included_groups_are_part_of_the_including_one(tmp_path: Path) -> None:
    """PEP 735, Dependency Group Include; names are compared normalised."""
    project = load(
        tmp_path, '[dependency-groups]\n"Lint.All" = ["ruff"]\ndev = [{include-group = "lint-all"}, "tox"]\n'
    )
    assert tree(project, "ruff").groups == {"lint-all", "dev"}
    assert origins(tree(project, "ruff")) == ('dependency-groups."Lint.All"[0]',)


def test_groups_that_include_each_other_are_reported_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """[dependency-groups]
        a = [{include-group = "b"}]
        b = [{include-group = "c"}]
        c = [{include-group = "a"}]
        d = [{include-group = "a"}]
        """,
    )
    assert found == ["dependency-groups.c[0]: groups include each other: a -> b -> c -> a"]


def test_a_group_that_does_not_exist_gets_a_guess(tmp_path: Path) -> None:
    found = problems(tmp_path, '[dependency-groups]\ndev = [{include-group = "lnit"}]\nlint = []\n')
    assert found == ["dependency-groups.dev[0]: there is no dependency group 'lnit'; did you mean 'lint'?"]


def test_two_groups_of_one_normalised_name_are_refused(tmp_path: Path) -> None:
    """PEP 735 wants an error for names that are equal after normalisation."""
    found = problems(tmp_path, "[dependency-groups]\nA_b = []\na-B = []\n")
    assert found == ["dependency-groups.a-B: has the same normalised name as 'A_b'"]


def test_a_project_may_request_its_own_extras(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """[project.optional-dependencies]
        test = ["pytest"]
        all = ["My.App[test,docs]; sys_platform == 'linux'"]
        docs = ["sphinx; python_version < '3.12' or os_name == 'nt'"]
        [dependency-groups]
        dev = ["my-app[test]", "my-app"]
        """,
    )
    assert tree(project, "pytest").extras == {"test", "all"}
    assert tree(project, "pytest").groups == {"dev"}
    assert requirement_texts(tree(project, "pytest")) == ["pytest", 'pytest; sys_platform == "linux"']
    assert 'sphinx; (python_version < "3.12" or os_name == "nt") and sys_platform == "linux"' in requirement_texts(
        tree(project, "sphinx")
    )
    assert [found.name for found in project.trees] == ["pytest", "sphinx"]


def test_extras_that_request_each_other_terminate(tmp_path: Path) -> None:
    project = load(tmp_path, '[project.optional-dependencies]\na = ["my-app[b]", "x"]\nb = ["my-app[a]", "y"]\n')
    assert tree(project, "x").extras == tree(project, "y").extras == {"a", "b"}


def test_wrong_references_to_itself_are_reported(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        'dependencies = ["my-app", "my-app[tets]"]\n[project.optional-dependencies]\ntest = []\n',
    )
    assert found == [
        "project.dependencies[0]: 'my-app' depends on itself",
        "project.dependencies[1]: 'my-app' has no extra 'tets'; did you mean 'test'?",
    ]
