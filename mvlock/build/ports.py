"""What a build needs from later layers: an isolated environment with the build requirements in it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

import msgspec


class BuildEnvironment(msgspec.Struct, frozen=True):
    """A virtual environment: its interpreter and the folder of its commands."""

    python: Path
    scripts: Path


class BuildEnvironments(Protocol):
    """Makes environments for builds (PEP 517, "Build environment"; PEP 518)."""

    def make(self, requirements: Collection[str], folder: Path) -> BuildEnvironment:
        """Make an environment in ``folder``, which must not exist, with ``requirements`` and their dependencies.

        :raises UnmetRequest: the requirements conflict
        :raises NetworkFailure: they cannot be fetched
        """
