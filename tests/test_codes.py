"""Every error code is in one table, with the exit code that it really has, and everything in the table can happen."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest

from mvlock import errors
from mvlock.codes import CODES, Code
from tests.test_architecture import layer_of, place, sources, syntax

KINDS = {
    name: kind.exit_code
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.MvlockError)
}
"""The classes of errors, and the exit code of each."""

MODULES = [path for path in sources("mvlock") if path.name != "codes.py"]


def _raised(path: Path) -> Iterator[tuple[str, int, str]]:
    """The code, the exit code and the place of each error that is made with a code in plain text."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
            code = node.args[0]
            if isinstance(code, ast.Constant):
                yield str(code.value), KINDS[node.func.id], f"{place(path)}:{node.lineno}"


def _texts(path: Path) -> set[str]:
    """All texts and numbers that a module has, as texts."""
    return {str(node.value) for node in ast.walk(syntax(path)) if isinstance(node, ast.Constant)}


EXITS: Mapping[str, tuple[int, ...]] = {code: meaning.exit_codes for code, meaning in CODES.items()}
RAISED = [one for path in MODULES for one in _raised(path)]


def test_the_table_has_every_code_once_and_in_order() -> None:
    assert list(CODES) == list(get_args(Code)) == sorted(CODES)


def test_every_code_that_is_raised_is_in_the_table_with_its_exit_code() -> None:
    assert [one for one in RAISED if one[1] not in EXITS.get(one[0], ())] == []


def test_every_code_of_the_table_is_somewhere_in_the_source() -> None:
    written = {text for path in MODULES for text in _texts(path)}
    assert [code for code in CODES if code not in written] == []


def test_a_code_has_one_exit_code_wherever_it_is_raised() -> None:
    """Only why a tree cannot be resolved, which is 1 whatever the reason, comes by another way."""
    found: dict[str, set[int]] = {}
    for code, exit_code, _ in RAISED:
        found.setdefault(code, set()).add(exit_code)
    assert {code: exits for code, exits in found.items() if exits != {*EXITS[code][:1]}} == {}


@pytest.mark.parametrize("module", [path for path in MODULES if layer_of(path) == "resolver"], ids=place)
def test_a_reason_without_a_resolution_can_have_the_exit_code_of_that(module: Path) -> None:
    raised = {code for code, _, _ in _raised(module)}
    reasons = _texts(module) & set(CODES) - raised - {"no-target"}
    assert [code for code in sorted(reasons) if 1 not in EXITS[code]] == []


def test_a_sentence_is_one() -> None:
    for meaning in CODES.values():
        for sentence in filter(None, (meaning.sentence, meaning.of_a_release)):
            assert sentence[0].isupper() or sentence[0] == "`"
            assert sentence.endswith(".") and "\n" not in sentence and "|" not in sentence
