"""gunicorn with workers of other trees serves the application, which pins what the frameworks must have newer."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.frameworks.application import Application, Running, free_port

pytestmark = pytest.mark.index

_DEPENDENCIES = [
    "gunicorn==23.0.0", "gevent==25.9.1", "uvicorn==0.38.0", "uvicorn-worker==0.4.0", "flask==3.1.2", "click==6.7",
]  # fmt: skip
_WSGI = """
import click, flask, gevent.monkey
app = flask.Flask(__name__)

@app.route("/")
def index():
    import click as late
    return f"{click.__version__} {late is click} {gevent.monkey.is_module_patched('socket')}"
"""
_ASGI = """
import click, sys

async def app(scope, receive, send):
    assert scope["type"] == "http"
    import click as late
    loop = type(sys.modules["asyncio"].get_running_loop()).__module__
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{click.__version__} {late is click} {loop}".encode()})
"""
_FILES = {"wsgi.py": _WSGI, "asgi.py": _ASGI}


@pytest.mark.parametrize(
    ("worker", "module", "expected"),
    [
        ("gevent", "wsgi", "6.7 True True"),
        ("uvicorn_worker.UvicornWorker", "asgi", "6.7 True asyncio.unix_events"),
    ],
)
def test_gunicorn_runs_a_worker_of_another_tree(folder: Path, worker: str, module: str, expected: str) -> None:
    application = Application.made(folder, "gunicorn", _DEPENDENCIES, _FILES)
    address = f"127.0.0.1:{free_port()}"
    with application.running("gunicorn", "-k", worker, "-w", "2", "-b", address, f"{module}:app") as server:
        assert _answer(f"http://{address}/", server) == expected


def _answer(url: str, server: Running) -> str:
    answers: list[str] = []

    def is_ready() -> bool:
        with suppress(OSError), urlopen(url, timeout=5) as answer:
            answers.append(answer.read().decode())
        return bool(answers)

    assert server.becomes_true(is_ready), server.text()
    return answers[0]
