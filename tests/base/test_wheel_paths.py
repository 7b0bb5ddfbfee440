"""Import names derived from the members of a wheel."""

from __future__ import annotations

import pytest

from mvlock.base.wheel_paths import import_names


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ("six.py six-1.dist-info/METADATA", "six"),
        ("a/__init__.py a/b.py a-1.dist-info/RECORD", "a"),
        ("google/cloud/storage/__init__.py google/cloud/storage/blob.py", "google.cloud.storage"),
        ("google/auth/__init__.py google/oauth2/__init__.py google/x.py", "google.auth google.oauth2 google.x"),
        ("google/__init__.py google/cloud/storage/__init__.py", "google"),
        (" ".join(f"a/m{n}.py" for n in range(60)), "a"),
        ("_x.cpython-311-x86_64-linux-gnu.so y.abi3.so z.cp311-win_amd64.pyd w.so", "_x w y z"),
        ("a/_speed.pyd", "a._speed"),
        ("a-1.data/purelib/b/__init__.py a-1.data/platlib/c.so a-1.data/scripts/d.py a-1.data/data/e.py", "b c"),
        ("a/data.json b/py.typed a.pth c/d.txt", ""),
        ("a/__init__.py tests/__init__.py tests/test_a.py docs/conf.py examples/x.py test/y.py", "a"),
        ("tests/__init__.py", "tests"),
        ("types-stubs/a.pyi stubs/b.pyi", ""),
        ("class.py my-module.py 1a.py __init__.py", ""),
        ("../evil.py /etc/evil.py a/../b.py .hidden/c.py", ""),
        ("share/jupyter-x/c.py", ""),
    ],
)
def test_names(members: str, names: str) -> None:
    assert import_names(members.split()) == tuple(names.split())
