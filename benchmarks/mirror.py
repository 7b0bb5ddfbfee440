"""A package index on 127.0.0.1, the same for every tool.

``fill`` brings the wheels of some locks to a folder, and ``write_pages`` writes pages for the files that are there; so
the index has these and nothing else. ``python -m benchmarks.mirror FOLDER`` serves a folder. With ``--replay`` it asks
the package index for what the folder lacks and keeps the answer, so that a resolve meets pages of real size and every
later run the same ones.

Pages are JSON (PEP 691) or, for those that ask for it, HTML (PEP 503). Metadata lies beside the wheels (PEP 658).
Answers say how long they are good, and files are served in parts if somebody asks for parts, as real indexes do.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import json
import re
import sys
import threading
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timezone
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import urllib3
from packaging.metadata import parse_email
from packaging.utils import NormalizedName, parse_sdist_filename, parse_wheel_filename

from benchmarks.workloads import pyproject
from mvlock.index.client import MultiIndex, open_index
from mvlock.index.model import IndexFile
from mvlock.install.wheel_fetcher import locate
from mvlock.interpreter.search import find_interpreter
from mvlock.lock.lockfile import read_lock
from mvlock.plan.model import WantedDistribution
from mvlock.plan.select import Selection, wanted_trees
from mvlock.progress import SilentReporter
from mvlock.project.load import load_project
from mvlock.resolver.target import Target

_JSON = "application/vnd.pypi.simple.v1+json"
_PART = re.compile(r"bytes=([0-9]*)-([0-9]*)")
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
def served(folder: Path, *options: str) -> Iterator[str]:
    """The index's URL while a process of its own serves ``folder``."""
    words = [sys.executable, "-m", "benchmarks.mirror", *options, str(folder)]
    with Popen(words, stdout=PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        if process.stdout is None:
            raise TypeError("the server is started with a pipe")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def write_pages(folder: Path) -> None:
    """Write a page for each project that has wheels there."""
    projects = defaultdict(list)
    for wheel in sorted((folder / "files").glob("*.whl")):
        projects[parse_wheel_filename(wheel.name)[0]].append(_described(wheel))
    for project, files in projects.items():
        _write_page(folder / "simple" / project, project, files)


def _metadata(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        name = next(
            name for name in archive.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1
        )
        return archive.read(name)


def _described(wheel: Path) -> dict[str, object]:
    metadata = _metadata(wheel)
    wheel.with_name(f"{wheel.name}.metadata").write_bytes(metadata)
    return {
        "filename": wheel.name,
        "url": f"/files/{wheel.name}",
        "hashes": {"sha256": sha256(wheel.read_bytes()).hexdigest()},
        "size": wheel.stat().st_size,
        "requires-python": parse_email(metadata)[0].get("requires_python"),
        "core-metadata": {"sha256": sha256(metadata).hexdigest()},
    }


class _Replay:
    """Fetches from the package index what a folder lacks."""

    def __init__(self, folder: Path, index: MultiIndex) -> None:
        self._folder = folder
        self._index = index
        self._known: dict[str, IndexFile] = {}
        self._one = threading.Lock()

    def page(self, project: str) -> None:
        """Make the page of a project that the index has."""
        path = self._folder / "simple" / project
        page = self._index.page(NormalizedName(project))
        if page is None:
            return
        self._known.update({file.filename: file for file in page.files})
        if not (path / "index.json").exists():
            _write_page(path, project, [_row(file) for file in page.files])

    def file(self, path: Path) -> None:
        """Bring a file, or the metadata of a wheel, which is taken out of it where the index does not serve it."""
        name = path.name.removesuffix(".metadata")
        if name not in self._known:
            self.page(_project(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        file, wheel = self._known[name], path.with_name(name)
        if path != wheel and file.metadata_hashes is not None:
            answer = urllib3.request("GET", f"{file.url}.metadata")
            if answer.status == HTTPStatus.OK:
                _write_whole(path, answer.data)
                return
        with self._one:
            if not wheel.exists():
                self._index.download(file, wheel)
        if path != wheel:
            _write_whole(path, _metadata(wheel))


def _project(filename: str) -> str:
    parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
    return parse(filename)[0]


def _row(file: IndexFile) -> dict[str, object]:
    row: dict[str, object] = {
        "filename": file.filename,
        "url": f"/files/{file.filename}",
        "hashes": dict(file.hashes),
        "size": file.size,
        "requires-python": file.requires_python,
        "upload-time": file.upload_time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if file.upload_time
        else None,
        "yanked": file.yanked if file.yanked is not None else False,
        "core-metadata": file.kind == "wheel",
    }
    return {key: value for key, value in row.items() if value is not None}


def _write_page(folder: Path, project: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The page of a project, as JSON and as HTML."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": rows})
    _write_whole(folder / "index.html", "".join(_anchors(rows)).encode())
    _write_whole(folder / "index.json", text.encode())


def _anchors(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "<!DOCTYPE html>\n"
    for row in rows:
        name, python, digest = row["filename"], row.get("requires-python"), row["hashes"].get("sha256", "")
        more = f' data-requires-python="{html.escape(python)}"' if python else ""
        more += ' data-core-metadata="true"' if row["core-metadata"] else ""
        more += ' data-yanked=""' if row.get("yanked", False) is not False else ""
        yield f'<a href="{row["url"]}#sha256={digest}"{more}>{name}</a><br>\n'


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that several may write at once."""
    part = path.with_name(f"{path.name}.{threading.get_ident()}.part")
    part.write_bytes(content)
    part.rename(path)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    replay: _Replay | None = None

    def do_GET(self) -> None:
        """Bring what is not there yet, if we may."""
        if self.replay is not None and not Path(self.translate_path(self.path)).exists():
            kind, name, *_ = self.path.strip("/").split("/")
            if kind == "simple":
                self.replay.page(name)
            else:
                self.replay.file(Path(self.translate_path(self.path)))
        part, path = _PART.fullmatch(self.headers.get("Range", "")), Path(self.translate_path(self.path))
        if part is not None and path.is_file():
            self._send_part(path, part[1], part[2])
        else:
            super().do_GET()

    def _send_part(self, path: Path, first: str, last: str) -> None:
        """The bytes from ``first`` to ``last``, or the ``last`` ones if there is no first (RFC 9110, 14.1.2)."""
        size = path.stat().st_size
        start = int(first) if first else max(0, size - int(last))
        stop = min(int(last) + 1, size) if first and last else size
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{size}")
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()
        with path.open("rb") as file:
            self.connection.sendfile(file, start, stop - start)

    def translate_path(self, path: str) -> str:
        """Folders are pages, JSON for those that know it."""
        page = "index.json" if "json" in self.headers.get("Accept", "") else "index.html"
        return super().translate_path(f"{path}{page}" if path.endswith("/") else path)

    def guess_type(self, path: object) -> str:
        """JSON has a type of its own."""
        return {".json": _JSON, ".html": "text/html"}.get(Path(str(path)).suffix, "application/octet-stream")

    def end_headers(self) -> None:
        """Every answer says how long it is good."""
        self.send_header("Cache-Control", _FILES if self.path.startswith("/files/") else _PAGES)
        self.send_header("Vary", "Accept")
        super().end_headers()

    def copyfile(self, source: Any, outputfile: object) -> None:
        """Send a file without it passing through Python."""
        self.connection.sendfile(source)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up when they have seen enough; what else goes wrong is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(folder: Path, replay: _Replay | None = None) -> None:
    """Serve a folder until somebody ends us; the URL is the first line of output."""
    handler = type("Handler", (_Handler,), {"replay": replay})
    with _Server(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}/simple/\n")
        sys.stdout.flush()
        server.serve_forever()


def _serve_replaying(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(pyproject("mirror", []), "utf-8")
    with open_index(load_project(folder), cache=folder / "cache", reporter=SilentReporter()) as index:
        serve(folder, _Replay(folder, index))


def main() -> None:
    """Serve the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--replay", action="store_true", help="get what is not there from the package index")
    arguments = parser.parse_args()
    (_serve_replaying if arguments.replay else serve)(arguments.folder)


if __name__ == "__main__":
    main()
