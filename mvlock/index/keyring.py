"""Passwords from the user's keyring, read by running ``keyring``: the library would load its backends here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

_TIMEOUT_SECONDS = 30


class Keyring:
    """Queries once per address and user."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._program = shutil.which("keyring", path=environment.get("PATH", ""))
        self._environment = dict(environment)
        self._passwords: dict[tuple[str, str], str | None] = {}

    def password(self, address: str, user: str) -> str | None:
        """The password of a user for an address (scheme and host); None without a program or an answer."""
        if self._program is None:
            return None
        key = address, user
        if key not in self._passwords:
            self._passwords[key] = self._query(self._program, address, user)
        return self._passwords[key]

    def _query(self, program: str, address: str, user: str) -> str | None:
        try:
            process = subprocess.run(
                [program, "get", address, user],
                capture_output=True,
                check=True,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                timeout=_TIMEOUT_SECONDS,
                text=True,
            )
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return None
        return process.stdout.rstrip("\r\n") or None
