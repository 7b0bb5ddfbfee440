"""Where things are in an environment: the only module that knows how venvs differ (PEP 405)."""

from __future__ import annotations

from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from mvlock.interpreter.model import Interpreter


class Layout(msgspec.Struct, frozen=True):
    """Folders of an environment, POSIX and relative to it; ``executables`` are the interpreter's names.

    ``minor``: the minor version of its CPython 3, which decides how ``site`` treats files.
    """

    site_packages: str
    scripts: str
    headers: str
    executables: tuple[str, ...]
    windows: bool = False
    minor: int = 0

    @classmethod
    def of(cls, interpreter: Interpreter) -> Layout:
        """The layout of environments of ``interpreter`` (the ``venv`` scheme of sysconfig)."""
        number = int(interpreter.minor.partition(".")[2])
        site_packages, scripts = interpreter.layout["purelib"], interpreter.layout["scripts"]
        if interpreter.environment["os_name"] == "nt":
            return cls(site_packages, scripts, "Include", ("python.exe", "pythonw.exe"), True, number)
        executables = ("python", "python3", f"python{interpreter.minor}")
        return cls(site_packages, scripts, f"include/site/python{interpreter.minor}", executables, minor=number)

    def target(self, path: str, *, data: str, name: str) -> str:
        """Where a wheel's member goes; ``data`` is its .data folder (PEP 427), ``name`` its project."""
        if not path.startswith(f"{data}/"):
            return f"{self.site_packages}/{path}"
        _, scheme, rest = path.split("/", 2)
        folders = {
            "scripts": f"{self.scripts}/",
            "headers": f"{self.headers}/{canonicalize_name(name)}/",
            "data": "",
        }
        return folders.get(scheme, f"{self.site_packages}/") + rest

    def is_top_level(self, target: str) -> bool:
        """Whether a file is directly in site-packages."""
        return target.rpartition("/")[0] == self.site_packages

    def record_path(self, target: str) -> str:
        """The path as in RECORD: relative to site-packages (PEP 376)."""
        prefix = f"{self.site_packages}/"
        if target.startswith(prefix):
            return target.removeprefix(prefix)
        return "../" * (self.site_packages.count("/") + 1) + target


class TreePlace(msgspec.Struct, frozen=True):
    """Where a tree of ``project`` will be: ``root`` is its final absolute folder.

    It can be moved together with ``movable``, a folder around it: what it records of that is relative.
    """

    root: Path
    project: Path
    movable: Path
    layout: Layout

    @property
    def is_in_movable(self) -> bool:
        """Whether ``..`` leads from the tree to what is beside it: through a link, it leads elsewhere."""
        return self.root.resolve().is_relative_to(self.movable.resolve())

    @property
    def site_packages(self) -> Path:
        """The final absolute folder of its distributions."""
        return self.root / self.layout.site_packages
