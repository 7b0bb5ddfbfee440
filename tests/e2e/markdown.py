"""The pages that people read, taken apart: code blocks, links, headings, commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w*)(?: title=\"([^\"\n]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
_RUN = re.compile(r"(?:^\$ |^RUN |^ *- (?:run: )?|&& )(?:[A-Z_]+=\S+ )*mvlock\b([^&|\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of code: its language and text, where it stands, and the file that its title says it is."""

    language: str
    text: str
    where: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``name`` is its path in the repository."""

    name: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        """Its code blocks, in order."""
        return [self._block(match) for match in _FENCE.finditer(self.text)]

    @property
    def prose(self) -> str:
        """Its text without code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """The targets of its links."""
        return _LINK.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """What links can point to in it: every heading, as hosts of repositories make anchors."""
        return {_anchor(heading) for heading in _HEADING.findall(self.prose)}

    @property
    def inline(self) -> list[str]:
        """All code within lines."""
        return _INLINE.findall(self.prose)

    @property
    def commands(self) -> Iterator[list[str]]:
        """The arguments of every ``mvlock …`` that a code block runs."""
        for block in self.blocks:
            for match in _RUN.finditer(block.text):
                yield shlex.split(match[1], comments=True)

    def section(self, heading: str) -> Page:
        """What stands below a heading, up to the next of its level or higher."""
        start = re.search(rf"^(#+) {re.escape(heading)}$", self.text, re.MULTILINE)
        if start is None:
            raise LookupError(f"{self.name} has no heading {heading!r}")
        rest = self.text[start.end() :]
        end = re.search(rf"^#{{1,{len(start[1])}}} ", _FENCE.sub(_blank, rest), re.MULTILINE)
        return Page(f"{self.name}, {heading}", rest[: end.start()] if end else rest)

    def _block(self, match: re.Match[str]) -> Block:
        line = self.text.count("\n", 0, match.start()) + 1
        return Block(match[1], match[3], f"{self.name}:{line}", match[2] or "")


def read_page(name: str) -> Page:
    """The page at a path in the repository."""
    return Page(name, (ROOT / name).read_text("utf-8"))


def all_pages() -> list[Page]:
    """Those beside the packages, and everything in docs/."""
    found = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
    return [read_page(path.relative_to(ROOT).as_posix()) for path in found]


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """A page's text with its prose changed, and its code blocks as they are."""
    done, end = "", 0
    for match in _FENCE.finditer(text):
        done += change(text[end : match.start()]) + match[0]
        end = match.end()
    return done + change(text[end:])


def script_of(blocks: list[Block]) -> str:
    """One shell script of what ``console`` blocks type; a ``toml`` block is added to pyproject.toml."""
    lines: list[str] = ["set -e"]
    for block in blocks:
        if block.language == "toml":
            lines += ["cat >> pyproject.toml <<'TOML'", block.text.rstrip("\n"), "TOML"]
        elif block.language == "console":
            lines += [command for command, _ in typed_and_printed(block.text)]
    return "\n".join(lines) + "\n"


def answers_in(block: Block) -> list[str]:
    """The lines of a ``console`` block that are output."""
    return [line for _, printed in typed_and_printed(block.text) for line in printed]


def typed_and_printed(text: str) -> list[tuple[str, list[str]]]:
    """The commands of a ``console`` block, with the lines of their here-documents, and what each prints."""
    found: list[tuple[str, list[str]]] = []
    end: str | None = None
    for line in text.splitlines():
        if end is not None:
            found[-1] = (f"{found[-1][0]}\n{line}", [])
            end = None if line == end else end
        elif line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
            opened = re.search(r"<<'(\w+)'", line)
            end = opened[1] if opened else None
        elif found:
            found[-1][1].append(line)
    return found


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _blank(match: re.Match[str]) -> str:
    """A code block as empty lines of equal length, so that positions stay."""
    return re.sub(r"[^\n]", " ", match[0])
