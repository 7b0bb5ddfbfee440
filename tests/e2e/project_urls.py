"""Where the project is on the web, as pyproject.toml says."""

from __future__ import annotations

from mvlock.base.toml import tomllib
from tests.e2e.markdown import ROOT

HOME: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Source"]
