"""Streamlit runs a script of the application, again when it has changed, and caches the application's own objects.

Two versions of pandas and of blinker: the application's and Streamlit's.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.frameworks.application import Application, free_port

pytestmark = pytest.mark.index

_PAGE = """
import importlib.metadata
import blinker, mine, pandas_old, streamlit

@streamlit.cache_data
def frame(n):
    return pandas_old.DataFrame({"x": range(n)})

@streamlit.cache_data
def total(frame):
    return int(frame.x.sum())

@streamlit.cache_data
def thing(n):
    return mine.Thing(n)

streamlit.dataframe(frame(3).x.to_numpy())
same = [type(frame(3)) is pandas_old.DataFrame, frame(3) is not frame(3), type(thing(4)) is mine.Thing]
versions = pandas_old.__version__, importlib.metadata.version("blinker")
print("seen", *versions, __name__, mine.VALUE, total(frame(3)), *same)
"""
_MINE = "VALUE = 1\nclass Thing:\n    def __init__(self, n):\n        self.n = n\n"
_BROWSER = """
import asyncio, pathlib, sys
import importshim

streamlit = importshim.tree("streamlit").import_module
websocket = streamlit("tornado.websocket")
to_server = streamlit("streamlit.proto.BackMsg_pb2").BackMsg
to_browser = streamlit("streamlit.proto.ForwardMsg_pb2").ForwardMsg

async def finished(connection):
    message = to_browser()
    while message.WhichOneof("type") != "script_finished":
        message.ParseFromString(await connection.read_message())

async def main():
    connection = await websocket.websocket_connect(f"ws://127.0.0.1:{sys.argv[1]}/_stcore/stream")
    message = to_server()
    message.rerun_script.query_string = ""
    await connection.write_message(message.SerializeToString(), binary=True)
    await finished(connection)
    for path, line in (("mine.py", "VALUE = 2"), ("page.py", "print('seen again')")):
        with pathlib.Path(sys.argv[2], path).open("a") as file:
            file.write(line + "\\n")
        await finished(connection)

asyncio.run(main())
"""


def test_a_script_runs_again_with_the_versions_and_the_cache_of_the_application(folder: Path, tmp_path: Path) -> None:
    """The script is in a folder whose changes are not checked."""
    application = Application.made(
        folder, "streamlit",
        ["streamlit==1.50.0", "blinker==1.4"],
        {"browser.py": _BROWSER},
        '[tool.mvlock.alias]\npandas_old = "pandas==2.2.2"\n',
    )  # fmt: skip
    (tmp_path / "page.py").write_text(_PAGE, "utf-8")
    (tmp_path / "mine.py").write_text(_MINE, "utf-8")
    port = free_port()
    options = {"headless": "true", "runOnSave": "true", "fileWatcherType": "poll", "port": port}
    words = [word for name, value in options.items() for word in (f"--server.{name}", value)]
    with application.running("streamlit", "run", str(tmp_path / "page.py"), *words) as server:
        assert server.becomes_true(lambda: "You can now view" in server.text()), server.text()
        application.run("python", "browser.py", port, str(tmp_path))
        output = server.lines("seen", count=4)
    assert output == [f"seen 2.2.2 1.4 __main__ {value} 3 True True True" for value in (1, 2, 2)] + ["seen again"]
