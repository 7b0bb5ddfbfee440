"""A Celery worker runs the tasks of the application with the application's versions, whatever it runs them in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.frameworks.application import Application

pytestmark = pytest.mark.index

_TASKS = """
import click
from celery import Celery

app = Celery("tasks", broker="filesystem://", backend="file://results")
app.conf.broker_transport_options = {
    "data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control", "polling_interval": 0.1,
}
app.conf.update(task_serializer="pickle", result_serializer="pickle", accept_content=["pickle", "json"])

class Box:
    def __init__(self, error):
        self.error = error

@app.task
def open_box(box):
    import click as late
    return late.__version__, type(box) is Box, type(box.error) is click.UsageError, box
"""
_SEND = """
import click, tasks
*told, box = tasks.open_box.delay(tasks.Box(click.UsageError("no"))).get(timeout=40, interval=0.1)
print(*told, type(box) is tasks.Box, type(box.error) is click.UsageError)
"""


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_a_task_is_code_of_the_application(folder: Path, pool: str) -> None:
    application = Application.made(
        folder, "celery", ["celery==5.5.3", "click==7.1.2"], {"tasks.py": _TASKS, "send.py": _SEND}
    )
    for name in ("queue", "control", "results"):
        shutil.rmtree(application.root / name, ignore_errors=True)
        (application.root / name).mkdir()
    options = ("-P", pool, "-c", "1", "--without-gossip", "--without-mingle")
    with application.running("celery", "-A", "tasks", "worker", *options, C_FORCE_ROOT="1") as worker:
        assert application.run("python", "send.py") == "7.1.2 True True True True\n", worker.text()
