"""Which environments a lock is for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.specifiers import SpecifierSet
from packaging.tags import sys_tags

from mvlock.errors import LocalError
from mvlock.interpreter.query import marker_environment
from mvlock.resolver.atoms import parse
from mvlock.resolver.target import (
    NEWEST,
    PATCHES,
    bounded,
    machine_target,
    newest_allowed,
    newest_locked,
    target_here,
    targets_for,
)
from mvlock.resolver.target_set import TargetMatrix

ALL = targets_for(SpecifierSet(">=3.10"))
GRID = TargetMatrix(ALL)


def pythons(requires_python: str) -> list[str]:
    """The Python of each target once."""
    targets = targets_for(SpecifierSet(requires_python))
    return list(dict.fromkeys(t.environment["python_full_version"] for t in targets))


def test_every_supported_minor_is_there_newest_first() -> None:
    assert pythons("") == ["3.15.99", "3.14.99", "3.13.99", "3.12.99", "3.11.99", "3.10.99"]


def test_a_patch_release_represents_its_minor_where_requires_python_allows_it() -> None:
    assert pythons(">=3.11.4,<3.13") == ["3.12.99", "3.11.99"]
    assert pythons("<=3.11.4,>=3.11") == ["3.11.4"]
    assert pythons("==3.12.*") == ["3.12.99"]


def test_linux_has_two_libcs_and_every_system_two_processors() -> None:
    names = [target.name for target in targets_for(SpecifierSet("==3.12.*"))]
    assert names == [
        "cp312-manylinux_x86_64",
        "cp312-musllinux_x86_64",
        "cp312-manylinux_aarch64",
        "cp312-musllinux_aarch64",
        "cp312-macosx_x86_64",
        "cp312-macosx_arm64",
        "cp312-win_amd64",
        "cp312-win_arm64",
    ]


def test_environments_narrow_the_targets() -> None:
    targets = targets_for(SpecifierSet("==3.12.*"), [Marker("sys_platform == 'win32'"), Marker("os_name == 'x'")])
    assert [target.name for target in targets] == ["cp312-win_amd64", "cp312-win_arm64"]


@pytest.mark.parametrize("requires_python", ["<3.10", "==3.9.*", ">=4"])
def test_a_python_that_is_not_supported_is_refused(requires_python: str) -> None:
    with pytest.raises(LocalError, match="allows no CPython from"):
        targets_for(SpecifierSet(requires_python))


def test_a_python_of_the_future_is_supported_where_it_is_needed() -> None:
    assert pythons(">=3.17") == ["3.17.99"]
    found = targets_for(SpecifierSet(">=3.15"), newest=17)
    assert [t.name for t in found if t.name.endswith("win_arm64")] == [f"cp3{n}-win_arm64" for n in (17, 16, 15)]


def test_the_newest_minor_is_a_known_or_requested_one_that_is_allowed() -> None:
    assert newest_allowed(SpecifierSet(">=3.10")) == NEWEST
    assert newest_allowed(SpecifierSet(">=3.10,<3.13")) == 12
    assert newest_allowed(SpecifierSet(">=3.10"), 17) == 17
    assert newest_allowed(SpecifierSet(">=3.10,<3.13"), 17) == 12
    assert newest_allowed(SpecifierSet(">=3.18"), 0) == 18


def test_a_lock_says_where_its_pythons_end() -> None:
    assert str(bounded(SpecifierSet(">=3.13"), 15)) == "<3.16,>=3.13"
    assert str(bounded(SpecifierSet(">=3.13,<3.15.3"), 15)) == "<3.15.3,>=3.13"
    assert newest_locked(SpecifierSet("<3.16,>=3.13")) == 15
    assert newest_locked(SpecifierSet("<3.15.3,>=3.13")) == 15
    assert newest_locked(SpecifierSet(">=3.13")) == 14  # of a time when no end was written


def test_environments_that_match_nothing_are_refused() -> None:
    with pytest.raises(LocalError, match="no supported environment satisfies 'sys_platform == \"atari\"'"):
        targets_for(SpecifierSet(">=3.10"), [Marker("sys_platform == 'atari'")])


def test_the_host_is_this_interpreter_unless_another_is_named() -> None:
    host = machine_target()
    assert dict(host.environment) == default_environment()
    assert tuple(dict.fromkeys(map(str, sys_tags()))) == host.tags
    environment, free_threaded = marker_environment(Path(sys.executable))
    assert target_here(environment, free_threaded=free_threaded) == host


def test_the_host_may_have_another_version() -> None:
    assert machine_target("3.13").environment["python_version"] == "3.13"
    assert "cp313-cp313-" in machine_target("3.13.1").tags[0]
    assert machine_target("3.13.1").environment["python_full_version"] == "3.13.1"


def test_an_interpreter_that_does_not_run_is_refused() -> None:
    with pytest.raises(LocalError, match="is not a working Python"):
        marker_environment(Path("/nowhere/python"))


@pytest.mark.parametrize(
    "text",
    [
        "python_version < '3.12' and sys_platform == 'win32' or os_name == 'posix'",
        "python_version < '3.12' and (sys_platform == 'win32' or os_name == 'posix')",
        "'linux' in sys_platform and platform_machine not in 'x86_64 arm64'",
        "python_full_version >= '3.11.4' and '3.12' != python_version",
        "(extra == 'x' or extra == 'y') and platform_system != 'Darwin'",
        "((os_name == 'nt'))",
        "implementation_name ~= 'x' or platform_release >= '20'",
    ],
)
@pytest.mark.parametrize("extra", ["", "x"])
def test_the_grid_evaluates_markers_as_packaging_does(text: str, extra: str) -> None:
    marker = Marker(text)
    for number, target in enumerate(ALL):
        try:
            expected = marker.evaluate({**target.environment, "extra": extra})
        except ValueError:
            continue
        assert bool(GRID.where_marker(str(marker), extra) >> number & 1) == expected


def test_text_that_is_no_marker_is_refused() -> None:
    with pytest.raises(ValueError, match="marker"):
        parse("os_name ==")
    with pytest.raises(ValueError, match="not a marker"):
        parse("os_name == 'a' os_name == 'b'")


@pytest.mark.parametrize(
    ("wheel", "names"),
    [
        ("a-1-py3-none-any.whl", "cp310 cp311 cp312 cp313 cp314 cp315"),
        ("a-1-1-cp312-abi3-win_amd64.whl", "cp312 cp313 cp314 cp315"),
        ("a-1-cp39.cp310-cp310-musllinux_1_2_x86_64.whl", "cp310"),
        ("a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "cp311"),
        ("a-1-cp311-cp311-manylinux_2_99_x86_64.whl", ""),
        ("a-1-cp313-cp313t-win_amd64.whl", ""),
        ("nonsense.whl", ""),
    ],
)
def test_the_grid_knows_which_pythons_support_a_wheel(wheel: str, names: str) -> None:
    found = {name.split("-")[0] for name in GRID.names(GRID.where_wheel(wheel))}
    assert sorted(found) == names.split()


def test_a_requires_python_that_is_no_specifier_allows_all() -> None:
    assert GRID.where_python("3.x or so") == GRID.everywhere
    assert GRID.where_python("") == GRID.everywhere


_SPECIFIERS = ("<3.12", ">=3.11.4,!=3.12.*", "==3.*", "~=3.10", "~=3.10.2", "===3.11.4", ">3.10.99", "!=3.12.99")


@pytest.mark.parametrize("text", _SPECIFIERS)
def test_a_minor_is_allowed_if_one_of_its_patch_levels_is(text: str) -> None:
    allowed = SpecifierSet(text)
    found = [one for one in range(10, NEWEST + 1) if any(allowed.contains(f"3.{one}.{patch}") for patch in PATCHES)]
    assert newest_allowed(allowed) == max(found)
