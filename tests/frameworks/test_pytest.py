"""pytest with workers and coverage: its plug-ins are dependencies, each a tree, and do what they do in one environment.

The application pins a library that one of the plug-ins must have newer: that plug-in is in another world than pytest's
other plug-ins, and a guest of the pytest that all share.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.frameworks.application import Application

pytestmark = pytest.mark.index

_DEPENDENCIES = [
    "pytest==8.4.2", "pytest-xdist==3.8.0", "pytest-cov==7.0.0", "pytest-asyncio==1.2.0", "pytest-mock==3.15.1",
    "pytest-flask==1.3.0", "flask==3.0.3", "click==7.1.2",
]  # fmt: skip
_SHOP = """
import click
import flask

app = flask.Flask(__name__)

@app.route("/")
def index():
    return click.__version__

def never():
    return 1

async def later(n):
    if n > 3:
        return "much"
    return n + 1
"""
_TREES = '[tool.mvlock.trees]\nweb = ["flask==3.0.3", "pytest-flask==1.3.0"]\n'
_TESTS = """
import click, flask.cli, pytest, shop

@pytest.fixture
def app():
    return shop.app

def test_the_application_has_its_click(client):
    assert click.__version__ == client.get("/").text == "7.1.2" != flask.cli.click.__version__

@pytest.mark.asyncio
async def test_async():
    assert await shop.later(1) == 2

def test_mock(mocker):
    mocker.patch("shop.never", return_value=7)
    assert shop.never() == 7

def test_a_worker_runs_this(worker_id):
    assert worker_id in ("gw0", "gw1")

@pytest.mark.parametrize("n", range(4))
def test_many(n, testrun_uid):
    assert n == int(str(n))
"""
_COVERAGE = """
Name           Stmts   Miss  Cover
----------------------------------
shop.py           12      2    83%
test_shop.py      17      0   100%
----------------------------------
TOTAL             29      2    93%
"""
"""As in a plain environment of the same, with the click that flask needs."""


def test_workers_have_all_plugins_and_coverage_counts_the_application(folder: Path, tmp_path: Path) -> None:
    """In a temporary folder of its own: at its end pytest clears away what other runs have left in the common one."""
    files = {"shop.py": _SHOP, "test_shop.py": _TESTS, "pytest.ini": "[pytest]\ntestpaths = test_shop.py\n"}
    application = Application.made(folder, "pytest", _DEPENDENCIES, files, _TREES)
    words = ("-n", "2", "--cov", "-p", "no:cacheprovider")
    output = application.run("pytest", *words, PYTEST_DEBUG_TEMPROOT=str(tmp_path))
    assert "8 passed" in output
    assert _COVERAGE in output
