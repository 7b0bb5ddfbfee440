"""docs/ as a site: a copy whose links out of docs/ lead to the repository, given to Zensical.

The pages are written for a forge, where a link to ``../demo/run.py`` works. A site has only what is in docs/.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

from tests.e2e.markdown import ROOT, outside_code
from tests.e2e.project_urls import HOME

DOCS = ROOT / "docs"
STYLE = Path(__file__).with_name("site.css")
DEFAULT_FOLDER = ROOT / "build" / "site"
_TARGET = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s]+)(?=\))")


def build_site(folder: Path) -> None:
    """Build the site into ``folder``, which is replaced.

    :raises subprocess.CalledProcessError: if a page is not in order; Zensical has said why
    """
    source = folder.with_name(f"{folder.name}-source")
    for old in (folder, source):
        shutil.rmtree(old, ignore_errors=True)
    write_source(source)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    subprocess.run([*command, "--config-file", str(source / "zensical.toml")], check=True)
    (source / "site").rename(folder)
    shutil.rmtree(source)


def write_source(source: Path) -> None:
    """What Zensical reads: its configuration, the pages, and a style."""
    shutil.copytree(DOCS, source / "docs")
    shutil.copy(STYLE, source / "docs")
    shutil.copy(ROOT / "zensical.toml", source)
    for page in (source / "docs").rglob("*.md"):
        name = PurePosixPath("docs", page.relative_to(source / "docs").as_posix())
        page.write_text(for_site(name, page.read_text("utf-8")), "utf-8")


def for_site(page: PurePosixPath, text: str) -> str:
    """The text of a page of the repository, with links that work on the site."""
    return outside_code(text, lambda prose: _TARGET.sub(lambda match: _link(page, match[1]), prose))


def _link(page: PurePosixPath, link: str) -> str:
    path, hash_sign, anchor = link.partition("#")
    target = (ROOT / page.parent / path).resolve()
    if target.is_relative_to(DOCS):
        return link
    kind = "tree" if target.is_dir() else "blob"
    return f"{HOME}/{kind}/main/{target.relative_to(ROOT).as_posix()}{hash_sign}{anchor}"
