"""A package index on 127.0.0.1 with the wheels of some locks and nothing else: the same for every tool.

``fill`` downloads and writes the pages; ``python -m benchmarks.mirror FOLDER`` serves them. Pages are JSON (PEP 691),
metadata lies beside the wheels (PEP 658).
"""

from __future__ import annotations

import contextlib
import json
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from packaging.metadata import parse_email
from packaging.utils import parse_wheel_filename

from mvlock.index.client import open_index
from mvlock.install.wheel_fetcher import locate
from mvlock.interpreter.search import find_interpreter
from mvlock.lock.lockfile import read_lock
from mvlock.plan.model import WantedDistribution
from mvlock.plan.select import Selection, wanted_trees
from mvlock.progress import SilentReporter
from mvlock.project.load import load_project
from mvlock.resolver.target import Target

_JSON = "application/vnd.pypi.simple.v1+json"
_AT_ONCE = 16
_PAGES, _FILES = "max-age=600, public", "max-age=365000000, immutable, public"
"""What indexes say about how long an answer is good (RFC 9111): a page for ten minutes, a file for ever."""


def fill(folder: Path, project_folder: Path, cache: Path) -> None:
    """Bring the wheels that a project's lock has for this machine to ``folder``, where some may be already."""
    project, lock = load_project(project_folder), read_lock(project_folder / "mv.lock")
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    python = find_interpreter(project.requires_python)
    wanted = wanted_trees(lock, Target("here", python.environment, python.tags), Selection())
    distinct = {item.identity: item for tree in wanted for item in tree.distributions}
    with (
        open_index(project, cache=cache, reporter=SilentReporter()) as index,
        ThreadPoolExecutor(_AT_ONCE) as threads,
    ):

        def work(item: WantedDistribution) -> None:
            if item.file is not None and not (files / item.file.name).exists():
                index.download(locate(index, item.package, item.file), files / item.file.name)

        list(threads.map(work, distinct.values()))
    write_pages(folder)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The index's URL while a process of its own serves ``folder``."""
    with Popen([sys.executable, "-m", "benchmarks.mirror", str(folder)], stdout=PIPE, text=True) as process:
        if process.stdout is None:
            raise TypeError("the server is started with a pipe")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def write_pages(folder: Path) -> None:
    """A page for each project that has wheels there."""
    projects = defaultdict(list)
    for wheel in sorted((folder / "files").glob("*.whl")):
        projects[parse_wheel_filename(wheel.name)[0]].append(_described(wheel))
    for project, files in projects.items():
        page = folder / "simple" / project / "index.json"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": files}), "utf-8")


def _described(wheel: Path) -> dict[str, object]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(
            name for name in archive.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1
        )
        metadata = archive.read(name)
    wheel.with_name(f"{wheel.name}.metadata").write_bytes(metadata)
    return {
        "filename": wheel.name,
        "url": f"/files/{wheel.name}",
        "hashes": {"sha256": sha256(wheel.read_bytes()).hexdigest()},
        "size": wheel.stat().st_size,
        "requires-python": parse_email(metadata)[0].get("requires_python"),
        "core-metadata": {"sha256": sha256(metadata).hexdigest()},
    }


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def translate_path(self, path: str) -> str:
        """Folders are pages."""
        return super().translate_path(f"{path}index.json" if path.endswith("/") else path)

    def guess_type(self, path: object) -> str:
        """Pages are JSON."""
        return _JSON if str(path).endswith("index.json") else "application/octet-stream"

    def end_headers(self) -> None:
        """Every answer says how long it is good."""
        self.send_header("Cache-Control", _FILES if self.path.startswith("/files/") else _PAGES)
        super().end_headers()

    def copyfile(self, source: Any, outputfile: object) -> None:
        """Send a file without it passing through Python."""
        self.connection.sendfile(source)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Nobody reads it."""


def serve(folder: Path) -> None:
    """Serve a folder until somebody ends us; the URL is the first line of output."""
    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: _Handler(*given, directory=str(folder))) as server:
        sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}/simple/\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
