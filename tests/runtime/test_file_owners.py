"""The owner of a file: by its folder, in every spelling that the platform accepts."""

from __future__ import annotations

import pytest

from importshim._domain import Domain
from importshim._file_owners import FileOwners, folding

_SITE = r"C:\My Shop\py_modules\Tree_A\Lib\site-packages"


def _domain(path: str) -> Domain:
    return Domain("a", ("a",), (path,), set())


@pytest.mark.parametrize(
    "path",
    [
        r"C:\My Shop\py_modules\Tree_A\Lib\site-packages\lib\core.py",
        r"c:\my shop\PY_MODULES\tree_a\lib\SITE-PACKAGES\lib\core.py",
        "c:/my shop/py_modules/tree_a/lib/site-packages/lib/core.py",
        r"C:\My Shop/py_modules\Tree_A/Lib\site-packages/lib.pyd",
    ],
)
def test_windows_knows_no_difference_of_case_and_two_separators(path: str) -> None:
    domain = _domain(_SITE)
    file_owners = FileOwners([domain], folding("win32"))
    assert file_owners.owner(path) is domain
    assert file_owners.owner("D" + path[1:]) is None
    assert file_owners.owner(_SITE + "-more\\lib.py") is None


def test_macos_knows_no_difference_of_case() -> None:
    domain = _domain("/Users/me/Shop/py_modules/a/lib/python3.14/site-packages")
    file_owners = FileOwners([domain], folding("darwin"))
    assert file_owners.owner("/users/ME/shop/py_modules/a/lib/python3.14/site-packages/lib.py") is domain
    assert file_owners.owner("/users/me/shop/lib.py") is None


def test_linux_takes_paths_as_they_are() -> None:
    domain = _domain("/home/me/Shop/py_modules/a")
    file_owners = FileOwners([domain], folding("linux"))
    assert file_owners.owner("/home/me/Shop/py_modules/a/lib.py") is domain
    assert file_owners.owner("/home/me/shop/py_modules/a/lib.py") is None


def test_modules_of_a_shared_domain_are_recognised_by_their_name_in_any_case() -> None:
    tree, shared = _domain(_SITE), Domain("a+b", ("a", "b"), (_SITE,), set())
    shared.distributions = (("Lib", "1.0", ("Lib",), _SITE),)
    shared.set_routes({"Lib": shared})
    file_owners = FileOwners([tree, shared], folding("win32"))
    assert file_owners.owner(_SITE.upper() + "/LIB/core.py") is shared
    assert file_owners.owner(_SITE + r"\other\core.py") is tree
