"""What a distribution would use, derived from its requirements and its sources."""

from __future__ import annotations

import pytest

from mvlock.store.interface import Imports, declared_projects, is_runtime_code, provided_names


def test_requirements_count_whatever_their_extra_and_with_their_marker() -> None:
    lines = ["A.b>=1", "c>1 ; python_version<'3'", "d[x] (>=2) ; extra == 'speed'", "e@ https://x/e.whl", "f (>=1.*)"]
    assert declared_projects(lines) == ("a-b", 'c; python_version < "3"', "d", "e", "f")
    assert declared_projects(["g; python_version < '3' and extra == 'speed'"]) == ("g",)


@pytest.mark.parametrize("extra", ["dev", "test", "tests-all", "Docs", "typing", "type", "lint", "ci", "cov"])
def test_requirements_of_developers_do_not_count(extra: str) -> None:
    assert declared_projects([f'a ; python_version > "3" and extra == "{extra}"']) == ()


@pytest.mark.parametrize("extra", ["socks", "all", "cipher", "fast-test", "plot", "docx", "format"])
def test_other_extras_do(extra: str) -> None:
    assert declared_projects([f"a; extra=='{extra}'", f"b; extra == '{extra}' or extra == 'dev'"]) == ("a", "b")


def imported(**modules: str) -> tuple[str, ...]:
    """What a distribution of these modules imports; ``a__b`` is the module b in package a."""
    return _read(modules).names()


def _read(modules: dict[str, str]) -> Imports:
    imports = Imports()
    packages = {name.split("__")[0] for name in modules if "__" in name}
    for name, source in modules.items():
        path = name.replace("__", "/") + ("/__init__" if name in packages else "")
        imports.add(f"{path}.py", source.encode())
    return imports


def test_what_is_looked_up_in_sys_modules_counts() -> None:
    looks = "a = sys.modules.get('a') or sys.modules['b.part']\n"
    looks += "if 'c.d' not in sys.modules or 'os' in sys.modules or 'p' in sys.modules: pass\n"
    assert imported(p=looks) == ("a", "b", "c")


def test_names_given_to_a_function_that_looks_any_name_up_count() -> None:
    source = "def look(name): return sys.modules.get(name)\ndef a(): return look('a')\nb = 'b'"
    assert imported(p=source, q="look('c')") == ("a",)


def test_what_is_imported_at_once_counts() -> None:
    source = "import a.x as y, b\nfrom c.d import (\n    e,\n)\nimport os\nfrom . import f\nimport_g = 1\n# import h\n"
    assert imported(p=source) == ("a", "b", "c")
    assert imported(p="\ufeff#\r\nimport a\r\n") == ("a",)


def test_what_is_loaded_with_a_package_counts_and_modules_far_off_do_not() -> None:
    modules = {f"p__m{number}": "" for number in range(99)}
    modules["p"] = "from .core import x\nfrom . import (\n    near,\n)\nimport p.other"
    chain = {"p__core": "from p import deep", "p__deep": "import a", "p__near": "import b", "p__other": "import c"}
    assert imported(**modules, **chain, p__far="import d", p__lazy="def f():\n    import e") == ("a", "b", "c")


def test_what_only_type_checkers_import_does_not_count() -> None:
    source = "if TYPE_CHECKING:\n    import a\n\n    from b import c\nimport d\nif t.TYPE_CHECKING:\n    import e\n"
    source += "if new:\n    import f\nelif TYPE_CHECKING:\n    import g\nelse:\n    from typing_extensions import h\n"
    assert imported(p=source) == ("d", "f")
    assert imported(p="import typing_extensions") == ("typing_extensions",)


def test_a_folder_of_examples_is_not_loaded_with_the_package() -> None:
    modules = {f"p__m{number}": "" for number in range(60)}
    assert imported(p="", **modules, p__examples__deep__x="import a") == ()


def test_what_is_imported_often_counts_wherever_that_is() -> None:
    modules = {f"p__m{number}": "" for number in range(60)}
    lazy = {f"p__lazy{number}": "try:\n    from a import b\nexcept ImportError:\n    pass\n" for number in range(3)}
    assert imported(p="", **modules, **lazy) == ("a",)
    assert imported(p="", **modules, p__lazy="def f():\n    import a") == ()
    assert imported(p="def f():\n    import a") == ("a",)


def test_modules_that_are_there_to_test_the_rest_are_left_out() -> None:
    assert is_runtime_code("a/testing.py")
    assert not any(
        is_runtime_code(path) for path in ("a/tests/x.py", "tests/x.py", "a/test_x.py", "conftest.py", "a.so")
    )


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
