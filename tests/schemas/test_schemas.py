"""The schemas are what the models say, and agree with them on every example."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from mvlock.base.toml import tomllib
from mvlock.base.validation import model_of
from mvlock.importmap.model import ImportMap
from mvlock.lock.model import Lock
from mvlock.project.settings import MvlockTable
from mvlock.schemas import schema_texts, write_schemas

FOLDER = Path(__file__).parents[2] / "schemas"
EXAMPLES = sorted(path for path in (FOLDER / "examples").rglob("*.*") if path.is_file())
MODELS: dict[str, type[BaseModel]] = {
    "tool-mvlock": model_of(MvlockTable),
    "mv-lock": model_of(Lock),
    "import-map": model_of(ImportMap),
}


def test_the_files_are_those_that_the_models_make(tmp_path: Path) -> None:
    """After a change of a model: ``python -m mvlock.schemas``."""
    write_schemas(tmp_path)
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("name", sorted(schema_texts()))
def test_each_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(schema_texts()[name]))


@pytest.mark.parametrize("name", sorted(MODELS))
@pytest.mark.parametrize("verdict", ["valid", "invalid"])
def test_each_schema_has_examples_of_both_kinds(name: str, verdict: str) -> None:
    assert any((FOLDER / "examples" / name / verdict).iterdir())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-3:]))
def test_schema_and_model_agree_on_an_example(path: Path) -> None:
    name, verdict = path.parts[-3:-1]
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    document = read(path)
    by_schema = Draft202012Validator(schema).is_valid(document)
    assert (by_schema, accepts(MODELS[name], document)) == (verdict == "valid", verdict == "valid")


def read(path: Path) -> object:
    """The document as JSON has it: times are text."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else plain(tomllib.loads(text))


def plain(value: object) -> object:
    """A TOML value with its times as text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def accepts(model: type[BaseModel], document: object) -> bool:
    """Whether the model takes it."""
    try:
        model.model_validate(document)
    except ValidationError:
        return False
    return True
