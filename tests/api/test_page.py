"""The examples of docs/api.md, one after the other in one program, as readers would type them."""

from __future__ import annotations

import contextlib
import io

import pytest

from tests.e2e.markdown import read_page
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_PRINTED = [
    "shop in shop",
    "app ['app 1.0', 'lib 1.0']",
    "changed",
    "project-unknown 2",
    "mv.lock does not contain 'lob'; did you mean 'lib'?",
    "begins: Resolving",
]


def test_the_examples_do_what_the_page_says(
    index: LocalIndex, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.publish("app", "1.0", requires=["lib"])
    index.publish("lib", "1.0")
    index.publish("check", "1.0")
    project.write(["app"], extra='[dependency-groups]\ntest = ["check"]\n')
    text = project.pyproject.read_text(encoding="utf-8")
    shop = project.root / "shop"
    shop.mkdir()
    (shop / "pyproject.toml").write_text(text.replace('name = "my-app"', 'name = "shop"'), encoding="utf-8")
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("MVLOCK_CACHE_DIR", str(project.cache))
    printed, names = io.StringIO(), dict[str, object]()
    with contextlib.redirect_stdout(printed):
        for block in read_page("docs/api.md").blocks:
            if block.language == "python":
                exec(compile(block.text, block.where, "exec"), names)
    assert [line for line in printed.getvalue().splitlines() if line in _PRINTED] == _PRINTED
