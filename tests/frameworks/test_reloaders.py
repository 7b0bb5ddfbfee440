"""A server that starts the application again starts it with the application's own versions.

In each, the application pins a library that the framework must have newer: two versions live in both processes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.frameworks.application import Application, free_port

pytestmark = [
    pytest.mark.index,
    pytest.mark.skipif(sys.platform == "win32", reason="children speak for the application on Windows"),
]

_FLASK = """
import click, flask
app = flask.Flask(__name__)
print("seen", click.__version__, __name__)
if __name__ == "__main__":
    app.run(port=PORT, debug=True)
"""
_UVICORN = """
import click, uvicorn
print("seen", click.__version__, __name__)
async def app(scope, receive, send): pass
if __name__ == "__main__":
    uvicorn.run("main:app", port=PORT, reload=True)
"""
_DJANGO = """
import os, sys
import sqlparse, django
from django.conf import settings
from django.core.management import execute_from_command_line
print("seen", sqlparse.__version__, __name__)
settings.configure(DEBUG=True, ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"])
urlpatterns = []
if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "runserver", "PORT"])
"""


_CASES = {
    "flask": (["flask==3.1.0", "click==7.1.2"], _FLASK, ["seen 7.1.2 __main__", "seen 7.1.2 __main__"]),
    "uvicorn": (["uvicorn==0.30.6", "click==6.7"], _UVICORN, ["seen 6.7 __main__", "seen 6.7 __mp_main__"]),
    "django": (["django==5.1.2", "sqlparse==0.2.4"], _DJANGO, ["seen 0.2.4 __main__", "seen 0.2.4 __main__"]),
}


@pytest.mark.parametrize("name", _CASES)
def test_what_a_reloader_starts_is_the_application(folder: Path, name: str) -> None:
    dependencies, program, seen = _CASES[name]
    files = {"main.py": program.replace("PORT", free_port())}
    application = Application.made(folder, name, dependencies, files)
    with application.running("python", "main.py") as server:
        assert server.lines("seen", count=2) == seen
