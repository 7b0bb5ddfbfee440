"""A framework and its plug-ins, each a separate dependency: the framework is shared and finds them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mvlock.errors import NetworkFailure
from tests.commands.command_line import Mvlock, run_main
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_HOST = """
import importlib
from importlib.metadata import entry_points
def loaded():
    return {point.name: point.load() for point in entry_points(group="host.plugins")}
def by_name(name):
    return importlib.import_module(name)
"""
_PLUGIN = """
import host
class Plugin:
    host = host
"""
_POINTS = "[host.plugins]\n{name} = {name}:Plugin\n"


def _publish_plugin(index: LocalIndex, name: str, *requires: str) -> None:
    files = {f"{name}.py": _PLUGIN, f"{name}-1.0.dist-info/entry_points.txt": _POINTS.format(name=name)}
    index.publish(name, "1.0", requires=requires, files=files)


def test_a_host_loads_the_plugins_that_share_it(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    index.publish("host", "1.0", files={"host.py": _HOST})
    index.publish("host", "0.9", files={"host.py": _HOST})
    for name, requirement in (("one", "host>=1"), ("two", "host>=1"), ("late", "host<1")):
        _publish_plugin(index, name, requirement)
    project.write(["host>=1", "one", "two", "late"], files={"mine.py": "value = 1\n"})
    assert mvlock("resolve").code == 0
    assert mvlock("install").code == 0
    program = """
import host, mine
print({name: plugin.host is host for name, plugin in sorted(host.loaded().items())})
print(host.by_name("mine") is mine, host.by_name("two").host is host)
try:
    host.by_name("late")
except ModuleNotFoundError as error:
    print(error)
"""
    python = project.root / "app/bin/python"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True, cwd=project.root)
    assert done.stdout.splitlines() == [
        "{'one': True, 'two': True}",
        "True True",
        "No module named 'late' for trees host, one, two; tree late has it (late 1.0). "
        "The plug-in uses host 0.9, the importing code host 1.0; both need the same version",
    ]


_SITE = {
    "pyproject.toml": f"""
[project]
name = "site"
version = "1"
requires-python = "=={sys.version_info.major}.{sys.version_info.minor}.*"
dependencies = ["django>=5", "djangorestframework", "django-filter"]
""",
    "settings.py": """
SECRET_KEY = "not a secret"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "books.sqlite3"}}
INSTALLED_APPS = [
    "django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "rest_framework.authtoken",
    "django_filters", "shop",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
REST_FRAMEWORK = {"DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"]}
""",
    "shop/__init__.py": "",
    "shop/models.py": """
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)
    year = models.IntegerField()
""",
    "shop/urls.py": """
import django_filters
from django.urls import include, path
from rest_framework import routers, serializers, viewsets

from shop.models import Book


class BookFilter(django_filters.FilterSet):
    class Meta:
        model = Book
        fields = {"year": ["gte"]}


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["title", "year"]


class BookViewSet(viewsets.ModelViewSet):
    queryset = Book.objects.order_by("title")
    serializer_class = BookSerializer
    filterset_class = BookFilter


router = routers.DefaultRouter()
router.register("books", BookViewSet)
urlpatterns = [path("api/", include(router.urls))]
""",
    "main.py": """
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
import importshim

django.setup()
from django.core.management import call_command
from django.test import Client

call_command("makemigrations", "shop", verbosity=0)
call_command("migrate", verbosity=0)
client = Client()
print(client.post("/api/books/", {"title": "Emma", "year": 1815}).status_code)
print(client.post("/api/books/", {"title": "Ulysses", "year": 1922}).json())
print(client.get("/api/books/", {"year__gte": 1900}).json())
page = client.get("/api/books/", headers={"accept": "text/html"})
print(page.status_code, "Django REST framework" in page.content.decode())
print(*importshim.whose(django).trees)
""",
}


@pytest.mark.index
def test_django_and_its_plugins_as_dependencies_of_their_own(
    kept: Callable[[str], Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for path, text in _SITE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    place = ("--project", str(tmp_path), "--cache-dir", str(kept("frameworks")), "--quiet")
    for command in (("resolve", "--only-host"), ("install",)):
        code = run_main(*place, *command)
        output = capfd.readouterr().err
        if code == NetworkFailure.exit_code:
            pytest.skip(f"the index cannot be reached: {output}")
        assert code == 0, output
    python = tmp_path / "app/bin/python"
    done = subprocess.run([python, "main.py"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "201",
        "{'title': 'Ulysses', 'year': 1922}",
        "[{'title': 'Ulysses', 'year': 1922}]",
        "200 True",
        "django django_filter djangorestframework",
    ]
