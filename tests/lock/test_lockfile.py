"""mv.lock on disk."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import Phase, given, settings
from packaging.version import Version

from mvlock.errors import LocalError, MvlockError, UnmetRequest
from mvlock.lock.fields import fields_of, version_for
from mvlock.lock.lockfile import format_lock, parse_lock, read_lock, write_lock
from mvlock.lock.model import LOCK_VERSION, Lock, LockedTree, LockedVcs, LockedWish
from tests.lock.locked import lock
from tests.lock.strategies import INPUTS, locks
from tests.resolver.universe import Universe

MINOR = Version(LOCK_VERSION).minor
NEWER = (f"1.{MINOR + 1}", f"1.1{'0' * len(str(MINOR))}")
"""Versions of the format after that of this mvlock: 1.3 and 1.10 for 1.2."""


@given(locks())
def test_what_is_written_is_read_back(written: Lock) -> None:
    text = format_lock(written)
    assert parse_lock(text) == written
    assert format_lock(parse_lock(text)) == text


@given(locks())
def test_what_is_kept_of_a_lock_is_the_lock(written: Lock) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, cache = Path(folder, "mv.lock"), Path(folder, "cache")
        write_lock(path, written)
        assert [read_lock(path, cache), read_lock(path, cache)] == [written, written]


def test_what_is_kept_of_a_lock_counts_only_for_its_text_and_undamaged(tmp_path: Path) -> None:
    path, cache = tmp_path / "mv.lock", tmp_path / "cache"
    write_lock(path, Lock(inputs=INPUTS, requires_python=">=3.10"))
    read_lock(path, cache)
    (record,) = cache.rglob("*.json")
    record.write_bytes(record.read_bytes().replace(b">=3.10", b">=3.99"))
    assert read_lock(path, cache).requires_python == ">=3.10"
    write_lock(path, Lock(inputs=INPUTS, requires_python=">=3.11"))
    assert read_lock(path, cache).requires_python == ">=3.11"
    path.write_text("[]")
    with pytest.raises(LocalError):
        read_lock(path, cache)


def _models(model: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """A model and all that are in its fields."""
    yield model
    for field in msgspec.structs.fields(model):
        for part in _parts(field.type):
            yield from _models(part) if issubclass(part, msgspec.Struct) else ()


def _parts(annotation: object) -> Iterator[type]:
    """The types in an annotation."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def _fields_of(table: msgspec.Struct) -> Iterator[tuple[type[msgspec.Struct], str]]:
    """The fields of a table, and of those in it, that say more than their default."""
    for field in fields_of(type(table)):
        value = getattr(table, field.name)
        if value != field.default:
            yield type(table), field.name
        for one in value if isinstance(value, tuple) else [value]:
            yield from _fields_of(one) if isinstance(one, msgspec.Struct) else ()


def test_every_field_of_the_lock_is_among_what_is_read_back() -> None:
    """Of every model: a field that is never made up is one that no test has written."""
    missing = {(model, name) for model in _models(Lock) for name in model.__struct_fields__}
    missing.remove((LockedVcs, "type"))  # which has one value

    @settings(max_examples=500, derandomize=True, database=None, phases=[Phase.generate])
    @given(locks())
    def look(made: Lock) -> None:
        missing.difference_update(_fields_of(made))
        if not missing:
            raise StopIteration

    with suppress(StopIteration):
        look()
    assert missing == set()


def test_a_field_is_in_the_text_only_under_its_own_key() -> None:
    """A name with an underscore and no alias would be a key that looks like no other."""
    keys = {field.key for model in _models(Lock) for field in fields_of(model)}
    assert [key for key in keys if "_" in key] == []


def test_the_newest_format_is_that_of_its_newest_field() -> None:
    fields = [field for model in _models(Lock) for field in fields_of(model)]
    assert max((field.since for field in fields), key=Version) == LOCK_VERSION


def test_wishes_are_read_back_and_raise_the_minor_version() -> None:
    wishes = (LockedWish(extra="x"), LockedWish(group="g", marker='os_name == "nt"'), LockedWish(marker="os_name > ''"))
    plain, optional = LockedTree(name="a", requires=("a",)), LockedTree(name="b", requires=("b",), wishes=wishes)
    written = Lock(inputs=INPUTS, trees=(plain, optional), lock_version=version_for((plain, optional)))
    assert (parse_lock(format_lock(written)), written.lock_version) == (written, "1.1")
    assert version_for((plain,)) == "1.0"


def test_a_file_is_one_line_and_a_time_is_utc() -> None:
    universe = Universe()
    universe.publish("a", "1")
    lines = format_lock(lock(universe, "a")).splitlines()
    (line,) = [one for one in lines if one.startswith("    {")]
    assert line.startswith('    { name = "a-1-py3-none-any.whl", size = 1000, upload-time = 2024-01-01T00:00:00Z, ')


def test_an_equal_lock_does_not_touch_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mv.lock"
    assert write_lock(path, Lock(inputs=INPUTS))
    before = path.stat()
    assert not write_lock(path, Lock(inputs=INPUTS))
    assert path.stat() == before
    assert write_lock(path, Lock(inputs=INPUTS, requires_python=">=3.10"))
    assert read_lock(path).requires_python == ">=3.10"
    assert [one.name for one in tmp_path.iterdir()] == ["mv.lock"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders")
def test_a_write_that_fails_leaves_the_old_lock_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mv.lock"
    path.mkdir()
    with pytest.raises(OSError, match=r"mv\.lock"):
        write_lock(path, Lock(inputs=INPUTS))
    assert [one.name for one in tmp_path.iterdir()] == ["mv.lock"]


def refusal(text: str) -> MvlockError:
    """Why a text is not read as a lock."""
    with pytest.raises(LocalError) as caught:
        parse_lock(text)
    return caught.value


def test_a_missing_lock_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnmetRequest) as caught:
        read_lock(tmp_path / "mv.lock")
    assert (caught.value.code, caught.value.hint) == ("lock-missing", "run `mvlock resolve`")


def test_a_newer_format_is_recognised_by_its_version() -> None:
    error = refusal('lock-version = "2.0"\nsurprise = true\n')
    assert (error.code, error.hint) == ("lock-newer", "upgrade mvlock")
    assert "mv.lock has format 2.0; this mvlock reads 1.x" in error.message


@pytest.mark.parametrize("newer", NEWER)
def test_a_key_of_a_newer_minor_version_is_no_damage(newer: str) -> None:
    """Also where something else is wrong, which may be right in the newer version."""
    head = HEAD.replace("1.0", newer)
    error = refusal(head + 'season = "autumn"\n' + TREE.format("a") + 'leaves = 3\nalias = ["x"]\n')
    assert (error.code, error.hint) == ("lock-newer", "upgrade mvlock")
    assert (
        error.message
        == f"mv.lock has format {newer}, with keys that this mvlock does not know: trees[0].leaves, season"
    )
    assert error.facts == {"keys": ["trees[0].leaves", "season"]}


def test_a_newer_minor_version_with_only_known_keys_is_read() -> None:
    read = parse_lock(HEAD.replace("1.0", NEWER[0]) + TREE.format("a"))
    assert [tree.name for tree in read.trees] == ["a"]


def test_a_newer_minor_version_that_says_what_cannot_be_is_invalid() -> None:
    assert refusal(HEAD.replace("1.0", NEWER[0]) + TREE.format("../up")).code == "lock-invalid"
    assert refusal(HEAD.replace("1.0", NEWER[0]) + "trees = 1\n").code == "lock-invalid"


def test_a_merge_conflict_is_recognised() -> None:
    text = format_lock(Lock(inputs=INPUTS))
    error = refusal(text.replace("inputs", '<<<<<<< HEAD\ninputs = ""\n=======\ninputs', 1) + ">>>>>>> theirs\n")
    assert error.code == "lock-merge-conflict"


HEAD = f'lock-version = "1.0"\ninputs = "{INPUTS}"\n'
TREE = '[[trees]]\nname = "{}"\nrequires = []\n'
MEMBER = '[[trees.packages]]\nname = "b"\nversion = "1"\n'
DIGEST = "0" * 64
SDIST = f'sdist = {{ name = "../x.zip", hashes = {{ sha256 = "{DIGEST}" }} }}\n'
WHEEL = f'wheels = [{{{{ name = "{{}}", hashes = {{{{ sha256 = "{DIGEST}" }}}} }}}}]\n'
VERSION_EXPECTED = f"lock-version: expected a string like '{LOCK_VERSION}'"
PACKAGE = '[[packages]]\nname = "{}"\nversion = "{}"\nindex = "pypi"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("lock-version = ", "is not valid TOML"),
        ("", "mv.lock is empty"),
        ("# nothing\n", "mv.lock is empty"),
        ("x = 1", VERSION_EXPECTED),
        (HEAD.replace("1.0", "1." + "9" * 9999) + "surprise = 1", VERSION_EXPECTED),
        (HEAD[:-20], "is not valid TOML"),
        ("x = " + "[" * 100_000, "is not valid TOML"),
        ('lock-version = "1.0"', "inputs: Field required"),
        ('lock-version = "1.0"\ninputs = "md5:x"', "inputs: String should match"),
        (HEAD + "surprise = 1", "surprise: Extra inputs"),
        (
            HEAD
            + PACKAGE.format("b", "1").replace('index = "pypi"', f'archive = {{ hashes = {{ sha256 = "{DIGEST}" }} }}'),
            "packages[0].archive: expected either url or path",
        ),
        (HEAD + TREE.format("../up"), "trees[0].name: '../up' is not a tree's name"),
        (HEAD + TREE.format("t") + MEMBER, "trees[0].packages[0]: b 1 is not among [[packages]]"),
        (HEAD + TREE.format("t") + MEMBER + 'marker = "never"', "trees[0].packages[0].marker: 'never' is not"),
        (HEAD + TREE.format("t").replace("[]", '["=="]'), "trees[0].requires[0]: '==' is not a requirement"),
        (
            HEAD + TREE.format("t") + MEMBER + 'dependencies = ["b[x]", "gone[y]"]\n' + PACKAGE.format("b", "1"),
            "trees[0].packages[0].dependencies[1]: b needs 'gone[y]', which tree t does not have",
        ),
        (HEAD + 'requires-python = "new"\n', "requires-python: 'new' is not a specifier"),
        (HEAD + 'environments = ["never"]\n', "environments[0]: 'never' is not a marker"),
        (HEAD + PACKAGE.format("A_b", "1"), "packages[0].name: 'A_b' is not a normalised"),
        (HEAD + PACKAGE.format("b", "new"), "packages[0].version: 'new' is not a version"),
        (HEAD + PACKAGE.format("b", "1").replace("index", "#"), "packages[0]: expected exactly one of index, vcs"),
        (HEAD + PACKAGE.format("b", "1") + SDIST, "packages[0]: '../x.zip' is not a file name"),
        (HEAD + PACKAGE.format("b", "1") + WHEEL.format("b-2-py3-none-any.whl"), "-any.whl' is not a file of b 1"),
        (HEAD + PACKAGE.format("b", "1") + WHEEL.format("c-1-py3-none-any.whl"), "-any.whl' is not a file of b 1"),
        (
            HEAD + PACKAGE.format("b", "1") + SDIST.replace("../x", "b-1.1"),
            "packages[0]: 'b-1.1.zip' is not a file of b 1",
        ),
    ],
)
def test_an_invalid_lock_names_the_key(text: str, problem: str) -> None:
    error = refusal(text)
    assert error.code == "lock-invalid"
    assert problem in error.message
    assert error.hint == "restore it from version control, or delete it and run `mvlock resolve`"


@pytest.mark.parametrize(
    ("name", "version", "file"),
    [
        ("ruamel-yaml", "1.0", "ruamel.yaml-1.0-cp311-cp311-any.whl"),
        ("jinja2", "3.0.post1", "Jinja2-3.0_1-py3-none-any.whl"),
        ("a", "1!2.0+cu118", "a-1!2.0+cu118-py3-none-any.whl"),
        ("a-b", "1.0a1", "A.b-1.0.alpha1-1-py3-none-any.whl"),
    ],
)
def test_a_file_may_spell_its_name_and_version_in_its_own_way(name: str, version: str, file: str) -> None:
    read = parse_lock(HEAD + PACKAGE.format(name, version) + WHEEL.format(file))
    assert read.packages[0].wheels[0].name == file


def test_a_lock_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mv.lock").write_bytes(b"x = 1\ny = '\xff'\n")
    with pytest.raises(LocalError) as caught:
        read_lock(tmp_path / "mv.lock")
    assert caught.value.message == "mv.lock is not UTF-8 (at line 2)"
    assert "restore it from version control" in (caught.value.hint or "")


def test_all_problems_are_reported_together() -> None:
    error = refusal(HEAD + PACKAGE.format("A", "x") + PACKAGE.format("b", "y"))
    assert len(error.message.splitlines()) == 4
