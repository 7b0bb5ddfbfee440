"""What an interpreter says about itself; also run as a script by interpreters without mvlock.

As a script, its first argument is the folder that contains ``packaging``. It goes last on ``sys.path``, so that
nothing else in it is picked up first. Standard library and ``packaging`` only.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from pathlib import Path


def describe() -> dict[str, object]:
    """JSON-serialisable facts: see ``mvlock.interpreter.model.Interpreter``."""
    from packaging.markers import default_environment
    from packaging.tags import sys_tags

    return {
        "path": base_executable(),
        "version": version(),
        "implementation": sys.implementation.name,
        "environment": dict(default_environment()),
        "tags": [str(tag) for tag in sys_tags()],
        "prefix": sys.base_prefix,
        "layout": layout(),
        "platform": sysconfig.get_platform(),
        "triple": sysconfig.get_config_var("MULTIARCH") or sysconfig.get_config_var("HOST_GNU_TYPE") or "",
        "cache_tag": sys.implementation.cache_tag or "",
        "extension_suffix": sysconfig.get_config_var("EXT_SUFFIX") or "",
        "standard_library": sorted(getattr(sys, "stdlib_module_names", ())),
    }


def version() -> str:
    """The version as PEP 440 text, such as ``3.11.7`` or ``3.15.0rc1``."""
    major, minor, micro, level, serial = sys.version_info
    stage = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(level)
    return f"{major}.{minor}.{micro}" + (f"{stage}{serial}" if stage else "")


def base_executable() -> str:
    """The base interpreter, even if this runs in a virtual environment, which may be removed."""
    prefix = Path(sys.base_prefix)
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    flags = getattr(sys, "abiflags", "")
    if os.name == "nt":
        candidates = [prefix / "python.exe"]
    else:
        candidates = [prefix / "bin" / (name + flags), prefix / "bin" / name]
    found = [str(path) for path in candidates if os.access(path, os.X_OK)]
    return found[0] if found else str(Path(sys.executable).absolute())


def layout() -> dict[str, str]:
    """Folders of a virtual environment of this interpreter, relative to it, with ``/``."""
    schemes = sysconfig.get_scheme_names()
    scheme = "venv" if "venv" in schemes else "nt" if os.name == "nt" else "posix_prefix"
    bases = {"base": ".", "platbase": ".", "installed_base": ".", "installed_platbase": "."}
    paths = sysconfig.get_paths(scheme, bases)
    keys = ("purelib", "platlib", "scripts", "data", "include")
    return {key: os.path.normpath(paths[key]).replace(os.sep, "/") for key in keys}


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    sys.stdout.write(json.dumps(describe()))
