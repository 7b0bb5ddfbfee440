"""The output of failed builds: where it is kept, and how it is limited."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

LOG_FOLDER = "logs-1"
"""Folder in the cache."""

_KEY_LENGTH = 12
_MAX_LOGS = 3


def log_path(cache: Path, name: str, key: str) -> Path:
    """The log of a build of ``name``, its name for users; ``key`` is a hash of its state."""
    safe = "".join(letter if letter.isalnum() or letter in "-._" else "-" for letter in name)
    return cache / LOG_FOLDER / f"{safe.strip('-.')[-80:] or 'build'}-{key[:_KEY_LENGTH]}.log"


def remove_old_logs(log: Path) -> None:
    """Remove all but the newest logs of one name: each state of a source that fails to build leaves one."""
    name, length = log.stem[:-_KEY_LENGTH], len(log.name)
    ages = []
    for path in log.parent.iterdir():
        if path.name.startswith(name) and len(path.name) == length:
            with suppress(FileNotFoundError):
                ages.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(ages, reverse=True)[_MAX_LOGS:]:
        path.unlink(missing_ok=True)
