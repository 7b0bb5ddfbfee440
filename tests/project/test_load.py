"""pyproject.toml: what is read, what is refused, and with which message."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from mvlock.errors import LocalError, MvlockError
from mvlock.project.load import load_project
from mvlock.project.location import find_project
from mvlock.project.model import Age, Isolation
from mvlock.project.settings import MvlockTable
from tests.project.projects import HEAD, load, problems


def test_a_bare_project_has_the_defaults_of_the_documentation(tmp_path: Path) -> None:
    project = load(tmp_path)
    assert (project.root, project.name, project.trees) == (tmp_path.resolve(), "my-app", ())
    assert (project.app, project.modules, project.source_folders) == ("app", "py_modules", (".",))
    assert (project.unify, project.no_build, project.isolate) == (True, False, Isolation.EACH)
    assert project.peers
    assert str(project.requires_python) == ">=3.10"


def test_src_is_a_source_folder_if_it_exists(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    assert load(tmp_path).source_folders == ("src", ".")
    assert load(tmp_path, '[tool.mvlock]\nsource = ["./lib", "."]\n').source_folders == ("lib", ".")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"2026-11-01T02:00:00+02:00"', datetime(2026, 11, 1, tzinfo=timezone.utc)),
        ("2026-11-01T00:00:00Z", datetime(2026, 11, 1, tzinfo=timezone.utc)),
        ('"2026-11-01"', datetime(2026, 11, 2, tzinfo=timezone.utc)),
        ("2026-11-01", datetime(2026, 11, 2, tzinfo=timezone.utc)),
        ('"7 days"', Age(timedelta(days=7))),
        ('"1 week ago"', Age(timedelta(weeks=1))),
        ('"P1DT12H"', Age(timedelta(days=1, hours=12))),
    ],
)
def test_exclude_newer_is_a_moment_a_day_or_a_duration(tmp_path: Path, written: str, meant: datetime | Age) -> None:
    assert load(tmp_path, f"[tool.mvlock]\nexclude-newer = {written}\n").exclude_newer == meant


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ('"9999-12-31"', "'9999-12-31' is too far from now"),
        ("9999-12-31", "'9999-12-31' is too far from now"),
        ('"0001-01-01T00:00:00+14:00"', "'0001-01-01T00:00:00+14:00' is too far from now"),
        ('"999999 weeks"', "'999999 weeks' is too far from now"),
        ('"yesterday"', "'yesterday' is not a time like 2026-11-01T00:00:00Z, a date, or a duration like '7 days'"),
        ("2026-11-01T00:00:00", "'2026-11-01T00:00:00' has no time zone; add one, for example Z"),
        ("7", "must be a string, date or time, not an integer"),
    ],
)
def test_other_times_are_refused(tmp_path: Path, written: str, complaint: str) -> None:
    found = problems(tmp_path, f"[tool.mvlock]\nexclude-newer = {written}\n")
    assert found == [f"tool.mvlock.exclude-newer: {complaint}"]


def test_projects_have_limits_of_their_own_or_none(tmp_path: Path) -> None:
    text = '[tool.mvlock]\nexclude-newer-package = { NumPy = "7 days", torch = false, a = 2026-11-01 }\n'
    assert load(tmp_path, text).exclude_newer_of == {
        "a": datetime(2026, 11, 2, tzinfo=timezone.utc),
        "numpy": Age(timedelta(days=7)),
        "torch": None,
    }


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("exclude-newer-package.a = true", "exclude-newer-package.a: must be a string, date or time, not a boolean"),
        ('exclude-newer-package = "7 days"', "exclude-newer-package: must be a table, not a string"),
        (
            "exclude-newer-packages.a = false",
            "exclude-newer-packages: unknown key; did you mean 'exclude-newer-package'?",
        ),
        ('trees.a.exclude-never = "7 days"', "trees.a.exclude-never: unknown key; did you mean 'exclude-newer'?"),
        ("trees.a.exclude-newer = false", "trees.a.exclude-newer: must be a string, date or time, not a boolean"),
        (
            'exclude-newer-package = { "a-b" = false, a_b = false }',
            "exclude-newer-package.a_b: a second limit for 'a-b'",
        ),
        ("exclude-dependency = []", "exclude-dependency: unknown key; did you mean 'exclude-dependencies'?"),
        ('exclude-dependencies = ["b<2"]', "exclude-dependencies[0]: 'b<2' is not a valid name"),
        ("build-constraint = []", "build-constraint: unknown key; did you mean 'build-constraints'?"),
        ('build-constraints = ["a[x]"]', "build-constraints[0]: 'a[x]' is not a constraint"),
        ("exclude-newer-package.-a = false", "exclude-newer-package.-a: '-a' is not a valid name"),
    ],
)
def test_limits_that_are_none_are_refused(tmp_path: Path, written: str, complaint: str) -> None:
    (found,) = problems(tmp_path, f'dependencies = ["a"]\n[tool.mvlock]\n{written}\n')
    assert found.startswith(f"tool.mvlock.{complaint}")


def test_all_problems_of_the_tables_are_reported_together_with_the_keys_as_written(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """dependencies = ["a", "b", "foo=>1"]
        [dependency-groups]
        dev = [{include-gruop = "x"}]
        [tool.mvlock]
        isolat = "each"
        unify = "yes"
        prereleases = "alow"
        constraints = ["a[b]"]
        source = "src"
        [tool.mvlock.trees]
        web = ["ok", "not ok"]
        api = { constraint = [] }
        [tool.mvlock.alias]
        x = 3
        [[tool.mvlock.index]]
        name = "internal"
        """,
    )
    reason = "expected semicolon (after name with no version specifier) or end"
    assert sorted(found) == sorted(
        [
            f"project.dependencies[2]: 'foo=>1' is not a requirement ({reason})",
            "dependency-groups.dev[0].include-group: is missing",
            "dependency-groups.dev[0].include-gruop: unknown key; did you mean 'include-group'?",
            "tool.mvlock.isolat: unknown key; did you mean 'isolate'?",
            "tool.mvlock.unify: must be a boolean, not a string",
            "tool.mvlock.prereleases: must be 'if-necessary', 'allow' or 'disallow', not 'alow'; did you mean 'allow'?",
            "tool.mvlock.constraints[0]: 'a[b]' is not a constraint "
            "(a constraint or override has neither extras nor a URL)",
            "tool.mvlock.source: must be an array, not a string",
            f"tool.mvlock.trees.web[1]: 'not ok' is not a requirement ({reason})",
            "tool.mvlock.trees.api.constraint: unknown key; did you mean 'constraints'?",
            "tool.mvlock.alias.x: must be a string that is a requirement, not an integer",
            "tool.mvlock.index[0].url: is missing",
        ]
    )


def test_a_key_of_project_that_no_pep_defines_is_an_error(tmp_path: Path) -> None:
    found = problems(tmp_path, 'dependancies = ["a"]\nlicense-file = "x"\n')
    assert found == [
        "project.dependancies: unknown key; did you mean 'dependencies'?",
        "project.license-file: unknown key; did you mean 'license-files'?",
    ]


def test_every_key_of_project_that_a_pep_knows_is_taken(tmp_path: Path) -> None:
    keys = """version = "1"
        description = "d"
        readme = "README.md"
        license = "MIT"
        license-files = ["LICENSE"]
        authors = [{ name = "a" }]
        maintainers = [{ name = "m" }]
        keywords = ["k"]
        classifiers = ["Private :: Do Not Upload"]
        urls.home = "https://example.invalid"
        gui-scripts.g = "g:main"
        entry-points.group.e = "e:main"
        import-names = ["my_app"]
        import-namespaces = []
        """
    assert load(tmp_path, keys).name == "my-app"


def test_a_requires_python_that_contradicts_itself_is_quoted_as_written(tmp_path: Path) -> None:
    found = problems(tmp_path, 'requires-python = ">=3.12, <3.9"\n')
    assert found == ["project.requires-python: '>=3.12, <3.9' allows no Python 3"]


def test_programs_get_the_problems_as_facts(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as caught:
        load(tmp_path, "[tool.mvlock]\nunifi = true\n")
    assert caught.value.code == "project-invalid"
    assert caught.value.facts == {
        "problems": [
            {
                "code": "extra-forbidden",
                "key": "tool.mvlock.unifi",
                "text": "unknown key; did you mean 'unify'?",
            }
        ]
    }


def test_the_project_table_must_be_there_and_static(tmp_path: Path) -> None:
    assert problems(tmp_path, "", head="") == ["there is no [project] table"]
    assert problems(tmp_path, 'dynamic = ["dependencies", "version"]\n') == [
        "project.dynamic: contains 'dependencies', but mvlock needs it to be static"
    ]


def test_a_range_without_any_python_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, 'requires-python = "<3"\n') == ["project.requires-python: '<3' allows no Python 3"]
    assert load(tmp_path, 'requires-python = "==3.11.4"\n').requires_python.contains("3.11.4")


def test_generated_folders_stay_away_from_what_people_wrote(tmp_path: Path) -> None:
    found = problems(tmp_path, '[tool.mvlock]\nsource = ["src/a"]\napp = "src"\nmodules = "../out"\n')
    assert found == [
        "tool.mvlock.app: 'src' is generated and cannot contain the source 'src/a'",
        "tool.mvlock.modules: '../out' is not a folder inside the project",
    ]
    assert problems(tmp_path, '[tool.mvlock]\napp = "x"\nmodules = "x/y"\n') == [
        "tool.mvlock.modules: 'app' and 'modules' must be separate folders"
    ]
    assert problems(tmp_path, '[tool.mvlock]\napp = "Out"\nmodules = "out/y"\n') == [  # one folder, for some platforms
        "tool.mvlock.modules: 'app' and 'modules' must be separate folders"
    ]
    assert problems(tmp_path, '[tool.mvlock]\napp = "."\n')[0].startswith("tool.mvlock.app: '.' is not")


def test_commands_of_a_project_cannot_leave_their_folder(tmp_path: Path) -> None:
    found = problems(tmp_path, '[project.scripts]\n"../x" = "a:b"\ny = "a b"\n')
    assert found == [
        "project.scripts.\"../x\": '../x' is not a valid name (name is invalid: '../x')",
        "project.scripts.y: 'a b' is not an object reference (needs the form package.module:function)",
    ]


def test_bad_toml_is_reported_with_line_and_column(tmp_path: Path) -> None:
    assert problems(tmp_path, "a = = 3\n") == ["not valid TOML: Invalid value (at line 3, column 5)"]


def test_text_that_is_not_utf8_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[project]\nname = '\xff'\n")
    with pytest.raises(LocalError, match=r"not UTF-8 \(at line 2\)"):
        load_project(tmp_path)


def test_a_text_can_be_judged_before_it_is_written(tmp_path: Path) -> None:
    load(tmp_path)
    assert load_project(tmp_path, text=HEAD + 'dependencies = ["a"]\n').trees[0].name == "a"
    assert load_project(tmp_path).trees == ()


def test_the_project_is_found_from_a_folder_below(tmp_path: Path) -> None:
    load(tmp_path)
    below = tmp_path / "src" / "deep"
    below.mkdir(parents=True)
    assert find_project(below) == tmp_path


def test_no_project_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"no pyproject\.toml in .* or in any folder above it"):
        find_project(tmp_path)
    with pytest.raises(LocalError, match=r"no pyproject\.toml in"):
        load_project(tmp_path)


_scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
_keys = st.sampled_from(MvlockTable.__struct_encode_fields__)


@settings(max_examples=150)
@given(table=st.dictionaries(_keys, _values, max_size=4))
def test_any_content_of_the_tool_table_is_loaded_or_refused_with_a_message(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, object]
) -> None:
    """No table of TOML values leads to anything but a project or one of our errors."""
    text = HEAD + tomlkit.dumps({"tool": {"mvlock": _without_none(table)}})
    try:
        load_project(tmp_path_factory.getbasetemp(), text=text)
    except MvlockError as error:
        assert error.message


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value if item is not None]
    return value


def test_a_misspelled_table_name_is_reported(tmp_path: Path) -> None:
    assert problems(tmp_path, "[tool.mvlok]\nunify = false\n[tool.ruff]\n[tool.lock]\n") == [
        "tool.mvlok: unknown tool; did you mean 'mvlock'?"
    ]
