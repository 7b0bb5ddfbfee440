"""What files of other tools may say, and those that mvlock reads besides pyproject.toml and mv.lock.

A file of another tool is taken over as far as it can be understood, or refused as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tests.robust.case import DEEP, NINES, Case, World
from tests.support.project import ProjectFolder

REFUSED = frozenset({2})
EITHER = frozenset({0, 2})
HEALED = frozenset({0})

_LOCKED = '[[package]]\nname = "a"\nversion = "0.9"\n'
_PIPFILE_LOCK = '{"_meta": {"sources": []}, "default": %s, "develop": {}}'
_DOUBLING = "".join(f"&a{n} [*a{n - 1}, *a{n - 1}]\n- " if n else "&a0 [x, x]\n- " for n in range(40))
_FILES: Mapping[str, tuple[str, str | bytes, frozenset[int]]] = {
    "requirements: 5,000 digits": ("requirements.txt", f"a=={NINES}", EITHER),
    "requirements: a line of 2 MB": ("requirements.txt", "a" * 2_000_000, EITHER),
    "requirements: 100,000 lines that go on": ("requirements.txt", "a \\\n" * 100_000, EITHER),
    "requirements: itself": ("requirements.txt", "-r requirements.txt\na", EITHER),
    "requirements: a folder": ("requirements.txt", "-r .", REFUSED),
    "requirements: a device": ("requirements.txt", "-r /dev/zero", REFUSED),
    "requirements: a NUL": ("requirements.txt", "a\0b", REFUSED),
    "requirements: an open bracket in a URL": ("requirements.txt", "https://[/a.whl", EITHER),
    "requirements: an index with an open bracket": ("requirements.txt", "--index-url https://[\na", EITHER),
    "requirements: a hash of 5,000 digits": ("requirements.txt", f"a==1 --hash=sha256:{NINES}", EITHER),
    "requirements: an escape sequence": ("requirements.txt", "a\x1b[2J", REFUSED),
    "requirements: 51 brackets": ("requirements.txt", f"a; {'(' * 51}os_name == 'x'{')' * 51}", EITHER),
    "requirements: an open quote": ("requirements.txt", "--find-links 'a\nb", EITHER),
    "requirements: UTF-16": ("requirements.txt", "a==1".encode("utf-16"), EITHER),
    "requirements: a variable": ("requirements.txt", "-r ${HOME}/${nothing}.txt", EITHER),
    "poetry: arrays without end": ("poetry.lock", "x = " + "[" * DEEP, REFUSED),
    "poetry: a version of 5,000 digits": ("poetry.lock", _LOCKED.replace("0.9", NINES), REFUSED),
    "poetry: a version with a line break": ("poetry.lock", _LOCKED.replace("0.9", "0.9\\n"), EITHER),
    "poetry: a name that leaves": ("poetry.lock", _LOCKED.replace('"a"', '"../a"'), REFUSED),
    "poetry: 3,000 packages of one name": ("poetry.lock", _LOCKED * 3000, EITHER),
    "uv: a source with an open bracket": ("uv.lock", f'{_LOCKED}source = {{ git = "https://[" }}', EITHER),
    "uv: a registry that is none": ("uv.lock", f'{_LOCKED}source = {{ registry = "\\u0000" }}', EITHER),
    "uv: a marker of 51 brackets": (
        "uv.lock",
        f'{_LOCKED}dependencies = [{{ name = "b", marker = "{"(" * 51}os_name == \'x\'{")" * 51}" }}]',
        EITHER,
    ),
    "pdm: a marker of 5,000 digits": ("pdm.lock", f"{_LOCKED}marker = \"python_version < '3.{NINES}'\"", EITHER),
    "pdm: requires of digits": ("pdm.lock", f'{_LOCKED}dependencies = ["b>={NINES}"]', EITHER),
    "pylock: a commit that is an option": (
        "pylock.toml",
        f'lock-version = "1.0"\n{_LOCKED.replace("package", "packages")}vcs = {{ type = "git", commit-id = "-x" }}',
        EITHER,
    ),
    "pylock: version of 5,000 digits": ("pylock.toml", f'lock-version = "{NINES}"', EITHER),
    "Pipfile: a table without end": ("Pipfile", "[packages]\na = " + "{b = " * DEEP, REFUSED),
    "Pipfile: 5,000 digits": ("Pipfile", f'[packages]\na = "=={NINES}"', EITHER),
    "Pipfile.lock: arrays without end": ("Pipfile.lock", _PIPFILE_LOCK % ("[" * DEEP), REFUSED),
    "Pipfile.lock: digits": ("Pipfile.lock", _PIPFILE_LOCK % NINES, REFUSED),
    "Pipfile.lock: a version of digits": ("Pipfile.lock", _PIPFILE_LOCK % f'{{"a":{{"version":"=={NINES}"}}}}', EITHER),
    "conda: a tag that runs": ("environment.yml", "dependencies: [!!python/object/apply:os.system [x]]", EITHER),
    "conda: anchors that double": ("environment.yml", f"dependencies:\n- {_DOUBLING}x", EITHER),
    "conda: an anchor in itself": ("environment.yml", "dependencies: &a [*a]", EITHER),
    "conda: lists without end": ("environment.yml", "dependencies: " + "[" * DEEP, REFUSED),
    "conda: lists by dashes": ("environment.yml", "dependencies:\n" + "- " * 20_000, REFUSED),
    "conda: digits": ("environment.yml", f"dependencies: [{NINES}]", EITHER),
    "conda: a number of sixty": ("environment.yml", f"dependencies: [{':59' * 2000}, 1{':59' * 2000}]", EITHER),
    "conda: a date that is none": ("environment.yml", "dependencies: [2024-13-45]", EITHER),
    "conda: a key that is a list": ("environment.yml", "dependencies:\n? [a]\n: b\n", EITHER),
    "conda: a NUL": ("environment.yml", "dependencies: [a\0]", REFUSED),
    "pyproject.toml: a workspace of everything": ("pyproject.toml", '[tool.uv.workspace]\nmembers = ["**"]', EITHER),
    "pyproject.toml: a workspace that leaves": ("pyproject.toml", '[tool.uv.workspace]\nmembers = ["../*"]', EITHER),
    "pyproject.toml: poetry, 5,000 digits": ("pyproject.toml", f'[tool.poetry.dependencies]\na = "^{NINES}"', REFUSED),
    "pyproject.toml: poetry, 5,000 carets": (
        "pyproject.toml",
        f'[tool.poetry.dependencies]\na = "{"^" * 5000}1"',
        REFUSED,
    ),
    "pyproject.toml: poetry, 3,000 commas": (
        "pyproject.toml",
        f'[tool.poetry.dependencies]\na = "{"^1," * 3000}^1"',
        EITHER,
    ),
    "pyproject.toml: pdm, spaces": (
        "pyproject.toml",
        f'[tool.pdm.dev-dependencies]\nx = ["a{" " * 100_000}!"]',
        REFUSED,
    ),
}
_SETTINGS: Mapping[str, str | bytes] = {
    "arrays without end": "x = " + "[" * DEEP,
    "digits": f"concurrency = {NINES}",
    "a concurrency of minus one": "concurrency = -1",
    "a time that is no number": "http-timeout = nan",
    "a time without end": "http-timeout = inf",
    "retries of 2**80": f"http-retries = {2**80}",
    "an index with an open bracket": 'index-url = "https://["',
    "a cache with a NUL": 'cache-dir = "a\\u0000b"',
    "a time behind the calendar": "exclude-newer = 9999-12-31T23:59:59-01:00",
    "999,999 days": 'exclude-newer = "999999 days"',
    "no UTF-8": b"color = '\xff'",
    "a key with an escape sequence": '"\\u001b[2J" = 1',
}
_RECEIPTS: Mapping[str, bytes] = {
    "empty": b"",
    "no UTF-8": b'{"format": "\xff"}',
    "arrays without end": b"[" * DEEP,
    "objects without end": b'{"a":' * DEEP,
    "digits": b'{"format": %s}' % NINES.encode(),
    "a list": b"[]",
    "a NUL": b"\0",
    "zeros": bytes(100_000),
}
_BLOCKS: Mapping[str, str] = {
    "arrays without end": "# dependencies = " + "[" * DEEP,
    "two blocks": "# dependencies = []\n# ///\n# /// script",
    "a key that nobody knows": "# dependencys = []",
    "digits": f"# x = {NINES}",
    "a marker of 51 brackets": f"# dependencies = [\"a; {'(' * 51}os_name == 'x'{')' * 51}\"]",
    "a URL with an open bracket": '# dependencies = ["a @ https://["]',
}


def foreign_cases() -> Iterator[Case]:
    """All of them."""
    for name, (filename, content, codes) in _FILES.items():
        yield Case(f"init --from: {name}", _with_file(f"other/{filename}", content), codes, _init(f"other/{filename}"))
    for name, content in _SETTINGS.items():
        yield Case(f"config.toml: {name}", partial(_with_settings, content), EITHER)
    for name, content in _RECEIPTS.items():
        yield Case(f"receipt: {name}", partial(_with_receipt, content), HEALED, ("install", "--frozen"))
    for name, block in _BLOCKS.items():
        text = f"# /// script\n{block}\n# ///\n"
        yield Case(f"script: {name}", _with_file("script.py", text), REFUSED, ("resolve", "--script", "ROOT/script.py"))
    for name, text in {"arrays": "[" * DEEP, "digits": NINES}.items():
        lines = json.dumps({"a": 0})[:-1] + f', "b": {text}'
        yield Case(f"direct_url.json: {name}", partial(_with_environment, lines), EITHER, _init("venv"))


def _init(source: str) -> tuple[str, ...]:
    return ("init", "ROOT/new", "--dry-run", "--from", f"ROOT/{source}")


def _with_file(path: str, content: str | bytes) -> Callable[[World], None]:
    return lambda world: _add(world.project, path, content)


def _with_settings(content: str | bytes, world: World) -> None:
    world.page()
    _add(world.project, "../home/config.toml", content)


def _with_receipt(content: bytes, world: World) -> None:
    world.lock()
    _add(world.project, "py_modules/a/.mvlock.json", content)


def _with_environment(origin: str, world: World) -> None:
    info = "venv/lib/python3.11/site-packages/a-1.0.dist-info"
    _add(world.project, "venv/pyvenv.cfg", "version = 3.11.4\n")
    _add(world.project, f"{info}/METADATA", "Metadata-Version: 2.1\nName: a\nVersion: 1.0\n")
    _add(world.project, f"{info}/direct_url.json", origin)


def _add(project: ProjectFolder, path: str, content: str | bytes) -> None:
    project.add_file(path, content)
