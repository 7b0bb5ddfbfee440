"""What a distribution would use, told from its requirements and its sources."""

from __future__ import annotations

import pytest

from mvlock.store.interface import declared_projects, imported_names, is_for_use, provided_names


def test_requirements_count_whatever_their_marker_and_extra() -> None:
    lines = ["A.b>=1", "c ; python_version < '3'", "d[x] (>=2) ; extra == 'speed'", "e@ https://x/e.whl"]
    assert declared_projects(lines) == ("a-b", "c", "d", "e")


@pytest.mark.parametrize("extra", ["dev", "test", "tests-all", "Docs", "typing", "type", "lint", "ci", "cov"])
def test_requirements_of_developers_do_not_count(extra: str) -> None:
    assert declared_projects([f'a ; python_version > "3" and extra == "{extra}"']) == ()


@pytest.mark.parametrize("extra", ["socks", "all", "cipher", "fast-test", "plot", "docx", "format"])
def test_other_extras_do(extra: str) -> None:
    assert declared_projects([f"a; extra=='{extra}'", f"b; extra == '{extra}' or extra == 'dev'"]) == ("a", "b")


def test_imports_at_the_beginning_of_a_line_are_for_sure() -> None:
    source = b"import a\nfrom b.c import d\nfrom . import e\ntry:\n    import f\nexcept ImportError: pass\nimport os\n"
    assert imported_names(source) == {"a", "b"}
    assert imported_names(b"\xef\xbb\xbf# no text \xff\nimport a\r\nimport_x = 1\n") == {"a"}


def test_modules_that_are_there_to_test_the_rest_are_left_out() -> None:
    assert is_for_use("a/testing.py")
    assert not any(is_for_use(path) for path in ("a/tests/x.py", "tests/x.py", "a/test_x.py", "conftest.py", "a.so"))


def test_names_are_those_of_modules_packages_and_namespaces() -> None:
    paths = (
        "a/__init__.py",
        "b.cpython-311-x86_64-linux-gnu.so",
        "n/x/y.py",
        "c.libs/d.so",
        "85ca__mypyc.so",
        "e/f.txt",
    )
    assert provided_names(paths) == ("85ca__mypyc", "a", "b", "n")
