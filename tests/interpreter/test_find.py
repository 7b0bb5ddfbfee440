"""Which Python is taken, where it is looked for, and why others are not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.specifiers import SpecifierSet
from packaging.tags import sys_tags
from packaging.version import Version

from mvlock.base.sealed import sealed, unsealed
from mvlock.errors import LocalError
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.search import Search, find_interpreter

ANY = SpecifierSet(">=3.10")
VERSION = "{}.{}.{}".format(*sys.version_info[:3])
MINOR = "{}.{}".format(*sys.version_info[:2])


def nowhere(folder: Path, *, path: str = "", running: bool = False, cache: Path | None = None) -> Search:
    """A search that finds nothing but what a test puts there."""
    return Search(
        path=path,
        pyenv_root=folder / "pyenv",
        siblings_of=folder / "alone" / "3.0.0",
        running=running,
        cache=cache,
    )


def put(place: Path, text: str | None = None) -> Path:
    """A link to this Python at ``place``, or a script of ``text``."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        place.symlink_to(Path(sys.base_prefix) / "bin" / f"python{MINOR}")
    else:
        place.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        place.chmod(0o755)
    return place


def test_the_interpreter_that_runs_mvlock_is_taken_if_it_is_allowed(tmp_path: Path) -> None:
    found = find_interpreter(ANY, search=nowhere(tmp_path, running=True))
    assert found.version == VERSION
    assert found.path.resolve() == (Path(sys.base_prefix) / "bin" / f"python{MINOR}").resolve()
    assert (found.minor, found.implementation) == (MINOR, "cpython")
    assert dict(found.environment) == dict(default_environment())
    assert list(found.tags) == [str(tag) for tag in sys_tags()]
    assert found.layout["purelib"] == f"lib/python{MINOR}/site-packages"
    assert found.layout["scripts"] == "bin"


def test_another_process_says_the_same_of_itself(tmp_path: Path) -> None:
    put(tmp_path / "bin" / f"python{MINOR}")
    running = find_interpreter(ANY, search=nowhere(tmp_path, running=True))
    assert find_interpreter(ANY, search=nowhere(tmp_path, path=str(tmp_path / "bin"))) == running


@pytest.mark.skipif(sys.platform != "linux", reason="libc is a matter of Linux")
def test_libc_is_recognised_by_the_tags(tmp_path: Path) -> None:
    libc = find_interpreter(ANY, search=nowhere(tmp_path, running=True)).libc
    assert libc.split()[0] in ("glibc", "musl")


def test_an_environment_leads_to_its_base_interpreter(tmp_path: Path) -> None:
    """A virtual environment may go away; what is made from it must not."""
    home = Path(sys.base_prefix) / "bin"
    put(tmp_path / "venv" / "bin" / "python")
    (tmp_path / "venv" / "pyvenv.cfg").write_text(f"home = {home}\n", encoding="utf-8")
    for wanted in ("venv", "venv/bin/python"):
        found = find_interpreter(ANY, str(tmp_path / wanted), search=nowhere(tmp_path))
        assert found.path == home / f"python{MINOR}"


def test_path_comes_before_pyenv_before_siblings(tmp_path: Path) -> None:
    broken = "echo broken >&2; exit 1"
    put(tmp_path / "bin" / "python3.29", broken)
    put(tmp_path / "bin" / "python3.12", broken)
    put(tmp_path / "pyenv" / "versions" / "3.11.9" / "bin" / "python3.11", broken)
    put(tmp_path / "pyenv" / "versions" / "3.13.2" / "bin" / "python3.13", broken)
    put(tmp_path / "alone" / "cpython-3.14.1-linux-x86_64-gnu" / "bin" / "python3.14", broken)
    with pytest.raises(LocalError) as caught:
        find_interpreter(ANY, search=nowhere(tmp_path, path=str(tmp_path / "bin")))
    found = caught.value.facts["found"]
    assert isinstance(found, dict)
    assert [Path(path).name for path in found] == [
        "python3.29",
        "python3.12",
        "python3.13",
        "python3.11",
        "python3.14",
    ]


def test_shims_of_pyenv_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path / "pyenv" / "shims" / "python3.12", "exit 1")
    with pytest.raises(LocalError) as caught:
        find_interpreter(ANY, search=nowhere(tmp_path, path=str(tmp_path / "pyenv" / "shims")))
    assert caught.value.facts["found"] == {}


def test_a_requested_version_is_searched_everywhere(tmp_path: Path) -> None:
    put(tmp_path / "pyenv" / "versions" / "3.8.1" / "bin" / "python3.8", "exit 1")
    put(tmp_path / "alone" / VERSION / "bin" / f"python{MINOR}")
    for wanted in (VERSION, MINOR, f"python{MINOR}", f"cpython-{MINOR}"):
        assert find_interpreter(ANY, wanted, search=nowhere(tmp_path)).version == VERSION


def test_what_was_found_and_why_it_does_not_fit_is_reported(tmp_path: Path) -> None:
    old = put(tmp_path / "pyenv" / "versions" / "3.8.1" / "bin" / "python3.8", "exit 1")
    here = put(tmp_path / "bin" / f"python{MINOR}")
    above = f">={MINOR}.{sys.version_info.micro + 1}"
    with pytest.raises(LocalError) as caught:
        find_interpreter(SpecifierSet(above), search=nowhere(tmp_path, path=str(here.parent)))
    assert (caught.value.code, caught.value.exit_code) == ("python-missing", 2)
    assert caught.value.message.splitlines() == [
        f"a Python that satisfies requires-python '{above}' was not found; examined:",
        f"  {here.resolve()}: {VERSION} does not satisfy requires-python '{above}'",
        f"  {old}: 3.8.1: mvlock needs Python 3.10 or newer",
    ]


def test_a_requested_python_that_the_project_excludes_is_not_called_missing(tmp_path: Path) -> None:
    put(tmp_path / "pyenv" / "versions" / "3.8.1" / "bin" / "python3.8", "exit 1")
    here = put(tmp_path / "bin" / f"python{MINOR}")
    above = f">={MINOR}.{sys.version_info.micro + 1}"
    for wanted in (MINOR, str(here)):
        with pytest.raises(LocalError) as caught:
            find_interpreter(SpecifierSet(above), wanted, search=nowhere(tmp_path, path=str(here.parent)))
        message, reason = caught.value.message.splitlines()
        assert message == f"Python '{wanted}' was found, but this project excludes it"
        assert reason.endswith(f": {VERSION} does not satisfy requires-python '{above}'")
        assert (caught.value.hint or "").startswith("change requires-python in pyproject.toml")


def test_a_path_without_a_python_is_reported(tmp_path: Path) -> None:
    for wanted in (str(tmp_path / "none"), "no-such-command"):
        with pytest.raises(LocalError, match=f"Python '{wanted}' was not found"):
            find_interpreter(ANY, wanted, search=nowhere(tmp_path))


def test_a_path_that_is_no_python_is_reported(tmp_path: Path) -> None:
    other = put(tmp_path / "other", "exit 1")
    with pytest.raises(LocalError) as caught:
        find_interpreter(ANY, str(other), search=nowhere(tmp_path))
    assert caught.value.message.splitlines() == [
        f"'{other}' was found, but cannot be used here",
        f"  {other}: did not answer; it is not a Python 3.8 or newer, or it is broken",
    ]


def test_an_answer_is_kept(tmp_path: Path) -> None:
    search = nowhere(tmp_path, running=True, cache=tmp_path / "cache")
    find_interpreter(ANY, search=search)
    (kept,) = (tmp_path / "cache").rglob("*.json")
    content = unsealed(kept.read_bytes()).decode().replace(f'"{VERSION}"', '"3.99.0"').encode()
    kept.write_bytes(sealed(content))
    assert find_interpreter(ANY, search=search).version == "3.99.0"
    kept.write_bytes(content)  # it lacks its digest, as one that the disk has changed does
    assert find_interpreter(ANY, search=search).version == VERSION


def test_an_answer_of_what_leads_elsewhere_is_not_kept(tmp_path: Path) -> None:
    """A shim's file stays the same when it leads to another interpreter."""
    put(tmp_path / "bin" / "python3.12", f'echo x >> {tmp_path}/asked; exec {sys.executable} "$@"')
    search = nowhere(tmp_path, path=str(tmp_path / "bin"), cache=tmp_path / "cache")
    find_interpreter(ANY, search=search)
    find_interpreter(ANY, search=search)
    assert (tmp_path / "asked").read_text(encoding="utf-8") == "x\nx\n"


def test_an_answer_with_a_path_that_is_gone_is_requested_again(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).symlink_to(sys.base_prefix)
        search = nowhere(tmp_path, path=str(tmp_path / name / "bin"), cache=tmp_path / "cache")
        found = find_interpreter(ANY, MINOR, search=search)
        assert found.path.exists()
        (tmp_path / name).unlink()


def test_a_damaged_cached_answer_is_requested_again(tmp_path: Path) -> None:
    search = nowhere(tmp_path, running=True, cache=tmp_path / "cache")
    first = find_interpreter(ANY, search=search)
    kept = list((tmp_path / "cache").rglob("*.json"))
    assert len(kept) == 1
    for damage in ("", "[]", "{}", '{"tags": 1}'):
        kept[0].write_text(damage, encoding="utf-8")
        assert find_interpreter(ANY, search=search) == first


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    search = nowhere(tmp_path, running=True, cache=tmp_path / "cache")
    assert isinstance(find_interpreter(ANY, search=search), Interpreter)


def test_every_interpreter_of_this_machine_answers(tmp_path: Path) -> None:
    """Whatever is installed here in a version we support is understood."""
    for minor in range(10, 16):
        try:
            found = find_interpreter(ANY, f"3.{minor}", search=Search(cache=tmp_path))
        except LocalError:
            continue
        assert found.minor == f"3.{minor}"
        assert Version(found.version) in SpecifierSet(f"==3.{minor}.*", prereleases=True)
        assert found.environment["python_version"] == f"3.{minor}"
        assert found.tags[0].startswith(f"cp3{minor}-")


_FREE_THREADED = """
import json, subprocess, sys
said = subprocess.run([PYTHON, *sys.argv[1:]], capture_output=True, text=True, check=True).stdout
facts = json.loads(said)
facts["tags"] = ["cp314-cp314t-manylinux_2_36_x86_64", *facts["tags"]]
print(json.dumps(facts))
"""


def test_a_free_threaded_python_is_refused_with_what_to_do(tmp_path: Path) -> None:
    script = tmp_path / "answer.py"
    script.write_text(_FREE_THREADED.replace("PYTHON", repr(sys.executable)), "utf-8")
    place = put(tmp_path / "bin" / f"python{MINOR}", f'exec {sys.executable} {script} "$@"')
    for wanted in (None, MINOR, str(place)):
        with pytest.raises(LocalError) as caught:
            find_interpreter(ANY, wanted, search=nowhere(tmp_path, path=str(place.parent)))
        assert caught.value.code == "python-missing"
        assert f"  {place}: {VERSION} is free-threaded: several versions in one process need the GIL" in str(
            caught.value
        )
        assert caught.value.hint is not None
        assert caught.value.hint.endswith("one of the same version that is built with the GIL")
