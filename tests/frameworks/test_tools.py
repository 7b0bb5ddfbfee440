"""Tools that run code of the application: documentation, migrations, a crawl.

Each needs a library newer than the application pins it.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.frameworks.application import Application

pytestmark = pytest.mark.index

_SHOP = '''
"""The shop."""

import click_old, pygments

class Cart(click_old.Option):
    """A cart."""

    def add(self, option: click_old.Option) -> "click_old.Command":
        """Add one."""

def total(cart: Cart) -> float:
    """The total, by click {} and pygments {}."""
    return 1.0

total.__doc__ = total.__doc__.format(click_old.__version__, pygments.__version__)
'''
_CONF = """
project = "shop"
extensions = ["sphinx.ext.autodoc", "sphinx_autodoc_typehints"]
html_theme = "furo"
import os, sys
sys.path.insert(0, os.path.abspath(".."))
"""
_INDEX = """
Shop
====

.. automodule:: shop
   :members:

.. code-block:: python

   import shop
"""


def test_sphinx_finds_its_theme_and_documents_what_the_application_imports(folder: Path) -> None:
    application = Application.made(
        folder, "sphinx",
        ["sphinx==8.1.3", "furo==2025.9.25", "sphinx-autodoc-typehints==3.0.1", "pygments==2.13.0"],
        {"shop.py": _SHOP, "docs/conf.py": _CONF, "docs/index.rst": _INDEX},
        '[tool.mvlock.alias]\nclick_old = "click==7.1.2"\n',
    )  # fmt: skip
    shutil.rmtree(application.root / "out", ignore_errors=True)
    application.run("sphinx-build", "-q", "-W", "-E", "-b", "html", "docs", "out")
    page = (application.root / "out/index.html").read_text("utf-8")
    assert "The total, by click 7.1.2 and pygments 2.13.0." in page
    assert "Build the documentation" not in page
    assert 'class="highlight-python notranslate"' in page
    assert "allow_from_autoenv" in page  # the signature of its base in the old click
    assert (application.root / "out/_static/styles/furo.css").is_file()


_ENV = """
from alembic import context
import models, sqlalchemy
engine = sqlalchemy.create_engine("sqlite:///shop.db")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=models.Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
print("seen", models.VERSIONS, models.HAS_NEW)
"""
_MODELS = """
import importlib.metadata
import sqlalchemy, typing_extensions
from sqlalchemy.orm import declarative_base

VERSIONS = sqlalchemy.__version__, importlib.metadata.version("typing-extensions")
HAS_NEW = hasattr(typing_extensions, "ReadOnly")
Base = declarative_base()

class User(Base):
    __tablename__ = "users"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    name = sqlalchemy.Column(sqlalchemy.String(30))
"""
_MIGRATION = """
import sqlalchemy
from alembic import op
revision, down_revision = "one", None
def upgrade():
    kinds = {"id": sqlalchemy.Integer, "name": sqlalchemy.String(30)}
    op.create_table("users", *(sqlalchemy.Column(name, kind, primary_key=name == "id") for name, kind in kinds.items()))
"""
_INI = "[alembic]\nscript_location = migrations\nprepend_sys_path = .\npath_separator = os\n"


def test_alembic_migrates_by_the_sqlalchemy_of_the_application(folder: Path) -> None:
    application = Application.made(
        folder, "alembic",
        ["alembic==1.17.1", "sqlalchemy==1.4.54", "typing-extensions==4.7.1"],
        {
            "alembic.ini": _INI, "models.py": _MODELS, "migrations/env.py": _ENV,
            "migrations/script.py.mako": "", "migrations/versions/one.py": _MIGRATION,
        },
    )  # fmt: skip
    base = application.root / "shop.db"
    base.unlink(missing_ok=True)
    assert application.run("alembic", "upgrade", "head") == "seen ('1.4.54', '4.7.1') False\n"
    with sqlite3.connect(base) as connection:
        assert [row[1] for row in connection.execute("pragma table_info(users)")] == ["id", "name"]
    assert "No new upgrade operations detected" in application.run("alembic", "check")


_SPIDER = """
import os
import defusedxml, scrapy

class Pages(scrapy.Spider):
    name = "pages"
    start_urls = [os.environ["START"]]

    def parse(self, response):
        yield {"text": response.css("p::text").get(), "version": defusedxml.__version__}
        yield from response.follow_all(css="a", callback=self.parse)
"""
_PIPELINE = """
import defusedxml
class Pipeline:
    def process_item(self, item):
        return {**item, "again": defusedxml.__version__}
"""
_SETTINGS = 'SPIDER_MODULES = ["crawl.spiders"]\nITEM_PIPELINES = {"crawl.pipeline.Pipeline": 1}\nDOWNLOAD_DELAY = 0\n'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A local server with two pages."""
    (tmp_path / "index.html").write_text('<p>one</p><a href="two.html">two</a>', "utf-8")
    (tmp_path / "two.html").write_text("<p>two</p>", "utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_scrapy_crawls_with_a_spider_of_the_application(folder: Path, site: str) -> None:
    application = Application.made(
        folder, "scrapy",
        ["scrapy==2.19.0", "defusedxml==0.6.0"],
        {
            "scrapy.cfg": "[settings]\ndefault = crawl.settings\n", "crawl/__init__.py": "",
            "crawl/settings.py": _SETTINGS, "crawl/pipeline.py": _PIPELINE,
            "crawl/spiders/__init__.py": "", "crawl/spiders/pages.py": _SPIDER,
        },
    )  # fmt: skip
    application.run("scrapy", "crawl", "pages", "-O", "found.json", START=site)
    found = json.loads((application.root / "found.json").read_text("utf-8"))
    assert found == [{"text": text, "version": "0.6.0", "again": "0.6.0"} for text in ("one", "two")]
