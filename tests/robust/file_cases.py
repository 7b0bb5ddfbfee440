"""What a lock of a pull request, or a pyproject.toml, may say: refused as a whole, or it does no harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tests.robust.case import DEEP, LOCK, NINES, Case, World

REFUSED = frozenset({2})
HARMLESS = frozenset({0, 2})

_TREE = LOCK[LOCK.index("[[trees]]") : LOCK.index("[[packages]]")]
_MEMBER = _TREE[_TREE.index("[[trees.packages]]") :]
_NAMED = '[[trees]]\nname = "a"'
_PACKAGE = '[[packages]]\nname = "a"'
_WHEEL = 'name = "a-0.9-py3-none-any.whl"'
_ORIGIN = 'index = "local"\n'
_COMMIT = "0123456789" * 4
_DEEP_MARKER = "(" * 51 + "os_name == 'x'" + ")" * 51
_LONG_MARKER = " or ".join(["os_name == 'x'"] * 1200)

_LOCKS: Mapping[str, tuple[str, str, frozenset[int]]] = {
    "a tree that is a drive": (_NAMED, '[[trees]]\nname = "C:a"', REFUSED),
    "a tree with a space": (_NAMED, '[[trees]]\nname = "a b"', REFUSED),
    "a tree of 201 letters": (_NAMED, f'[[trees]]\nname = "{"a" * 201}"', REFUSED),
    "a tree with a line break behind it": (_NAMED, '[[trees]]\nname = "a\\n"', REFUSED),
    "three trees of one name": (_TREE, _TREE * 3, REFUSED),
    "a member three times": (_MEMBER, _MEMBER * 3, REFUSED),
    "a package with an underscore": (_PACKAGE, '[[packages]]\nname = "a_"', REFUSED),
    "a package with two dashes": (_PACKAGE, '[[packages]]\nname = "a--b"', REFUSED),
    "a package of another script": (_PACKAGE, '[[packages]]\nname = "\u0430"', REFUSED),
    "a package of 300 letters": (_PACKAGE, f'[[packages]]\nname = "{"a" * 300}"', REFUSED),
    "a version of 300 digits": ('version = "0.9"\nindex', f'version = "{"9" * 300}"\nindex', REFUSED),
    "a version with a line break": ('version = "0.9"\nindex', 'version = "0.9\\n"\nindex', REFUSED),
    "a package that is nowhere": (_ORIGIN, "", REFUSED),
    "a wheel of capital letters": (_WHEEL, 'name = "A-0.9-PY3-none-any.WHL"', REFUSED),
    "a wheel with a space": (_WHEEL, 'name = "a-0.9-py3-none-any .whl"', REFUSED),
    "a wheel of another script": (_WHEEL, 'name = "a-0.9-py3-none-\u0430ny.whl"', REFUSED),
    "a wheel with a build of 300 digits": (_WHEEL, f'name = "a-0.9-{"9" * 300}-py3-none-any.whl"', REFUSED),
    "a wheel with a build of another script": (_WHEEL, 'name = "a-0.9-\u0663-py3-none-any.whl"', REFUSED),
    "a wheel that is hidden": (_WHEEL, 'name = ".a-0.9-py3-none-any.whl"', REFUSED),
    "a hash of 65 digits": ('sha256 = "DIGEST"', 'sha256 = "DIGEST0"', REFUSED),
    "a hash with a line break": ('sha256 = "DIGEST"', 'sha256 = "DIGEST\\n"', REFUSED),
    "a hash of other digits": ('sha256 = "DIGEST"', f'sha256 = "{chr(0x660) * 64}"', REFUSED),
    "a hash of blake2b": ('sha256 = "DIGEST"', f'blake2b = "{"0" * 128}"', REFUSED),
    "a right hash and a sha384 that leaves": (
        'sha256 = "DIGEST"',
        'sha256 = "DIGEST", sha384 = "../x"',
        REFUSED,
    ),
    "no hash at all": ('hashes = { sha256 = "DIGEST" }', "hashes = {}", REFUSED),
    "a size of 2**80": ("size = SIZE", f"size = {2**80}", HARMLESS | {4}),
    "a time behind the calendar": ("size = SIZE", "upload-time = 9999-12-31T23:59:59-01:00", REFUSED),
    "a time before the calendar": ("size = SIZE", "upload-time = 0001-01-01T00:00:00+01:00", REFUSED),
    "a marker of 51 brackets": (
        "dependencies = []",
        f"dependencies = []\nmarker = \"{'(' * 51}os_name == 'x'{')' * 51}\"",
        REFUSED,
    ),
    "a marker of 300 digits": (
        "dependencies = []",
        f"dependencies = []\nmarker = \"python_version < '{'9' * 300}'\"",
        REFUSED,
    ),
    "a marker of 20,000 characters": (
        "dependencies = []",
        f'dependencies = []\nmarker = "{_LONG_MARKER}"',
        REFUSED,
    ),
    "a marker that compares texts": (
        "dependencies = []",
        "dependencies = []\nmarker = \"sys_platform ~= 'linux'\"",
        HARMLESS,
    ),
    "a dependency that is a path": ("dependencies = []", 'dependencies = ["../a"]', REFUSED),
    "a requirement of 300 digits": ('requires = ["a"]', f'requires = ["a=={"9" * 300}"]', REFUSED),
    "a requirement with a line break": ('requires = ["a"]', 'requires = ["a\\n"]', REFUSED),
    "a requirement of 300 commas": ('requires = ["a"]', f'requires = ["a{",".join(["!=1"] * 300)}"]', REFUSED),
    "a Python of 300 digits": ('requires-python = ">=3.10"', f'requires-python = ">={"9" * 300}"', REFUSED),
    "a Python of nothing": ('requires-python = ">=3.10"', 'requires-python = "3"', REFUSED),
    "an environment of 51 brackets": (
        "inputs =",
        f"environments = [\"{'(' * 51}os_name == 'x'{')' * 51}\"]\ninputs =",
        REFUSED,
    ),
    "inputs with a line break": ("0" * 64, "0" * 64 + "\\n", REFUSED),
    "a lock-version of other digits": ('lock-version = "1.0"', 'lock-version = "\u0661.\u0660"', REFUSED),
    "an integer of 5,000 digits": ("size = SIZE", f"size = {NINES}", REFUSED),
    "arrays within arrays": ("dependencies = []", f"dependencies = {'[' * DEEP}", REFUSED),
    "tables within tables": ("dependencies = []", f"dependencies = {'{a=' * DEEP}", REFUSED),
}


def _vcs(url: str = "https://127.0.0.1:1/x", commit: str = _COMMIT, **more: str) -> str:
    return f"vcs = {{ {_pairs(url=url, commit_id=commit, **more)} }}"


def _archive(digest: str = "0" * 64, algorithm: str = "sha256", **place: str) -> str:
    return f"archive = {{ {_pairs(**place)}, hashes = {{ {algorithm} = {json.dumps(digest)} }} }}"


def _pairs(**values: str) -> str:
    """Keys and values of an inline table; TOML escapes as JSON does."""
    return ", ".join(f"{key.replace('_', '-')} = {json.dumps(value)}" for key, value in values.items())


_ORIGINS: Mapping[str, str] = {
    "a branch": _vcs(commit="main"),
    "a short commit": _vcs(commit="0123456"),
    "a commit in capitals": _vcs(commit="A" * 40),
    "a commit with a space": _vcs(commit=f" {_COMMIT}"),
    "an option as repository": _vcs("--config=x"),
    "a repository with a tab": _vcs("https://127.0.0.1:1/\tx"),
    "a repository with an open bracket": _vcs("https://["),
    "a repository of another system": _vcs(type="svn"),
    "a repository of 9,000 characters": _vcs(f"https://{'x' * 9000}"),
    "a folder of it that leaves": _vcs(subdirectory="a/../../b"),
    "a folder of it that is a drive": _vcs(subdirectory="C:/b"),
    "a folder with a line break": f"directory = {{ {_pairs(path='a' + chr(10) + 'b')} }}",
    "a folder of a long name": f"directory = {{ {_pairs(path='x' * 256)} }}",
    "an archive of another scheme": _archive(url="ssh://127.0.0.1/a.zip"),
    "an archive with an open bracket": _archive(url="https://[/a.zip"),
    "an archive with a port that is none": _archive(url="https://127.0.0.1:70000/a.zip"),
    "an archive with a hash that leaves": _archive("../x", url="https://127.0.0.1:1/a.zip"),
    "an archive with a hash of md5": _archive("0", "md5", url="https://127.0.0.1:1/a.zip"),
    "an archive from two places": _archive(url="https://127.0.0.1:1/a.zip", path="a.zip"),
    "an archive with a NUL in its path": _archive(path="a\0.zip"),
    "an archive with a folder that leaves": _archive(url="https://127.0.0.1:1/a.zip", subdirectory=".."),
}
_SETTINGS: Mapping[str, tuple[str, frozenset[int]]] = {
    **{
        f"{key}: {name}": (f'{key} = "{value}"', REFUSED)
        for key in ("app", "modules")
        for name, value in {
            "the repository in capitals": ".GIT",
            "inside of a repository": "x/.git/y",
            "another repository": ".svn/x",
            "a tab": "a\\tb",
            "a line separator": "a\\u2028b",
            "a name of 256 letters": "x" * 256,
            "dots and slashes": "./././",
            "up and down": "x/../y",
            "a share": "//host/x",
        }.items()
    },
    "source: a line separator": ('source = ["a\\u2028import os"]', REFUSED),
    "source: a carriage return": ('source = ["a\\rimport os"]', REFUSED),
    "source: a drive": ('source = ["C:/x"]', REFUSED),
    "environments: 51 brackets": (f"environments = [\"{'(' * 51}os_name == 'x'{')' * 51}\"]", REFUSED),
    "environments: 300 digits": (f"environments = [\"python_version < '{'9' * 300}'\"]", REFUSED),
    "constraints: 300 commas": (f'constraints = ["a{",".join(["!=1"] * 300)}"]', REFUSED),
    "overrides: a name of 300 letters": (f'overrides = ["{"a" * 300}==1"]', REFUSED),
    "exclude-newer: 999,999 days": ('exclude-newer = "999999 days"', REFUSED),
    "exclude-newer: the end of the calendar": ("exclude-newer = 9999-12-31T23:59:59-23:00", REFUSED),
}
_TABLES: Mapping[str, tuple[str, frozenset[int]]] = {
    "a source with an open bracket": ('[tool.mvlock.sources]\na = { url = "https://[" }', REFUSED),
    "a source with a port of letters": ('[tool.mvlock.sources]\na = { url = "https://127.0.0.1:x/a.whl" }', REFUSED),
    "a source with a tab": ('[tool.mvlock.sources]\na = { url = "https://127.0.0.1/\\ta.whl" }', REFUSED),
    "a repository that is an option": ('[tool.mvlock.sources]\na = { git = "-c" }', REFUSED),
    "a repository with an open bracket": ('[tool.mvlock.sources]\na = { git = "https://[" }', REFUSED),
    "a revision that is an option": (
        '[tool.mvlock.sources]\na = { git = "https://127.0.0.1:1/", rev = "-x" }',
        REFUSED,
    ),
    "a revision with a line break": (
        '[tool.mvlock.sources]\na = { git = "https://127.0.0.1:1/", rev = "a\\nb" }',
        REFUSED,
    ),
    "a folder of a repository that leaves": (
        '[tool.mvlock.sources]\na = { git = "https://127.0.0.1:1/", subdirectory = "../x" }',
        REFUSED,
    ),
    "a path with a line break": ('[tool.mvlock.sources]\na = { path = "a\\nb" }', REFUSED),
    "groups that double 60 times": (
        "[dependency-groups]\n"
        + "".join(f'g{n} = [{{ include-group = "g{n + 1}" }}, {{ include-group = "g{n + 1}" }}]\n' for n in range(60))
        + "g60 = []\n",
        HARMLESS,
    ),
    "500 groups in a row": (
        "[dependency-groups]\n"
        + "".join(f'g{n} = [{{ include-group = "g{n + 1}" }}]\n' for n in range(500))
        + "g500 = []\n",
        HARMLESS,
    ),
    "500 groups in a circle": (
        "[dependency-groups]\n" + "".join(f'g{n} = [{{ include-group = "g{(n + 1) % 500}" }}]\n' for n in range(500)),
        REFUSED,
    ),
    "extras that double 60 times": (
        "[project.optional-dependencies]\n"
        + "".join(f'e{n} = ["my-app[e{n + 1}]", "my-app[e{n + 1}]"]\n' for n in range(60))
        + "e60 = []\n",
        HARMLESS,
    ),
    "extras that double under markers": (
        "[project.optional-dependencies]\n"
        + "".join(
            f"e{n} = [\"my-app[e{n + 1}]; os_name == 'x{n}'\", \"my-app[e{n + 1}]; os_name == 'y{n}'\"]\n"
            for n in range(40)
        )
        + "e40 = []\n",
        REFUSED,
    ),
    "1,500 extras in a row": (
        "[project.optional-dependencies]\n"
        + "".join(f'e{n} = ["my-app[e{n + 1}]"]\n' for n in range(1500))
        + "e1500 = []\n",
        HARMLESS,
    ),
}
_DEPENDENCIES: Mapping[str, str] = {
    "an open bracket in a URL": "b @ https://[",
    "a reference to an option of git": "b @ git+-x",
    "a file with a NUL": "b @ file:///a%00b",
    "51 brackets": f"b; {_DEEP_MARKER}",
    "300 digits": "b==" + "9" * 300,
    "a name of 201 letters": "b" * 201,
    "100 kB of spaces": "b" + " " * 100_000 + "!",
}


def file_cases() -> Iterator[Case]:
    """All of them."""
    install = ("install", "--frozen")
    for name, (old, new, codes) in _LOCKS.items():
        yield Case(f"lock: {name}", _with_lock(old, new), codes, install)
    for name, origin in _ORIGINS.items():
        yield Case(f"lock: {name}", _with_lock(_ORIGIN, f"{origin}\n"), REFUSED, install)
    for name, (text, codes) in _SETTINGS.items():
        yield Case(f"pyproject.toml: {name}", _with_project(tool=text), codes)
    for name, (text, codes) in _TABLES.items():
        yield Case(f"pyproject.toml: {name}", _with_project(extra=text), codes)
    for name, text in _DEPENDENCIES.items():
        yield Case(f"pyproject.toml: {name}", partial(_with_dependency, text), REFUSED)
    for name, text in {
        "arrays": "x = " + "[" * DEEP,
        "digits": f"x = {NINES}",
        "tables": "x = " + "{a=" * DEEP,
    }.items():
        yield Case(f"pyproject.toml: {name} without end", partial(_with_text, text), REFUSED)


def _with_lock(old: str, new: str) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        world.lock()
        lock = world.project.root / "mv.lock"
        text = lock.read_text("utf-8")
        digest, size = text.split('sha256 = "')[1][:64], text.split("size = ")[1].partition(",")[0]
        before, after = (one.replace("DIGEST", digest).replace("SIZE", size) for one in (old, new))
        assert before in text
        lock.write_text(text.replace(before, after), "utf-8")

    return prepare


def _with_project(tool: str = "", extra: str = "") -> Callable[[World], None]:
    def prepare(world: World) -> None:
        world.page()
        world.project.write(["a"], tool=tool, extra=extra)

    return prepare


def _with_dependency(text: str, world: World) -> None:
    world.project.write([text])


def _with_text(text: str, world: World) -> None:
    world.project.pyproject.write_text(text, "utf-8")
