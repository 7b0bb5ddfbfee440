"""What the local index serves for a project: a PEP 691 JSON page, or the same as PEP 503 HTML."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServedFile:
    """One file of the index. ``metadata`` None: no PEP 658 file is announced. ``url`` is absolute.

    ``provenance``: what is attested (PEP 740), at the file's URL with ``.provenance``.
    """

    filename: str
    content: bytes
    url: str
    hashes: Mapping[str, str]
    python: str | None = None
    yanked: str | None = None
    upload_time: str | None = None
    metadata: bytes | None = None
    provenance: bytes | None = None

    @property
    def sha256(self) -> str:
        """The correct digest of the content, whatever ``hashes`` has."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def path(self) -> str:
        """The path part of ``url``."""
        return f"/files/{self.filename}"


def json_page(project: str, files: Sequence[ServedFile], status: tuple[str, str] | None = None) -> bytes:
    """A project's page by PEP 691, 592, 700, 714; ``status`` and its reason by PEP 792."""
    page = {"meta": {"api-version": "1.1"}, "name": project, "files": [_json_row(file) for file in files]}
    more = {} if status is None else {"project-status": dict(zip(("status", "reason"), status, strict=True))}
    return json.dumps({**page, **more}).encode()


def html_page(project: str, files: Sequence[ServedFile], status: tuple[str, str] | None = None) -> bytes:
    """A project's page by PEP 503, 592, 658, 792."""
    rows = "\n".join(_anchor(file) for file in files)
    named = zip(("pypi:project-status", "pypi:project-status-reason"), status or (), strict=False)
    head = "".join(f'<meta name="{name}" content="{html.escape(text)}">' for name, text in named)
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body><h1>{html.escape(project)}</h1>\n{rows}\n</body></html>"
    ).encode()


def _json_row(file: ServedFile) -> dict[str, object]:
    row: dict[str, object] = {
        "filename": file.filename,
        "url": file.path,
        "hashes": dict(file.hashes),
        "size": len(file.content),
        "yanked": False if file.yanked is None else file.yanked or True,
    }
    row["core-metadata"] = row["data-dist-info-metadata"] = _metadata_hashes(file) or False
    if file.python:
        row["requires-python"] = file.python
    if file.provenance is not None:
        row["provenance"] = f"{file.url}.provenance"
    if file.upload_time:
        row["upload-time"] = file.upload_time
    return row


def _anchor(file: ServedFile) -> str:
    attributes = {"href": file.path + "".join(f"#{name}={value}" for name, value in _best(file.hashes))}
    if file.python:
        attributes["data-requires-python"] = file.python
    if file.yanked is not None:
        attributes["data-yanked"] = file.yanked
    if hashes := _metadata_hashes(file):
        attributes["data-core-metadata"] = f"sha256={hashes['sha256']}"
    if file.provenance is not None:
        attributes["data-provenance"] = f"{file.url}.provenance"
    text = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<a {text}>{html.escape(file.filename)}</a><br/>"


def _best(hashes: Mapping[str, str]) -> list[tuple[str, str]]:
    """HTML has room for one hash only (PEP 503)."""
    return sorted(hashes.items(), reverse=True)[:1]


def _metadata_hashes(file: ServedFile) -> dict[str, str]:
    return {} if file.metadata is None else {"sha256": hashlib.sha256(file.metadata).hexdigest()}
