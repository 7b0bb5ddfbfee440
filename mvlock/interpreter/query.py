"""What a Python says about itself. The answer is cached on disk until the interpreter's file changes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import packaging

from mvlock.base import drafts
from mvlock.base.sealed import sealed, unsealed
from mvlock.errors import LocalError
from mvlock.interpreter import probe
from mvlock.interpreter.model import Interpreter

_TIMEOUT_SECONDS = 20
_CACHE_FOLDER = "interpreters-2"
_MARKER_SCRIPT = """
import json, os, platform, sys, sysconfig
v = sys.implementation.version
print(json.dumps({"free": bool(sysconfig.get_config_var("Py_GIL_DISABLED")), "environment": {
    "implementation_name": sys.implementation.name,
    "implementation_version": "%d.%d.%d" % v[:3] + ("" if v[3] == "final" else v[3][0] + str(v[4])),
    "os_name": os.name, "platform_machine": platform.machine(), "platform_release": platform.release(),
    "platform_system": platform.system(), "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "platform_python_implementation": platform.python_implementation(),
    "python_version": ".".join(platform.python_version_tuple()[:2]), "sys_platform": sys.platform}}))
"""


def marker_environment(path: Path) -> tuple[dict[str, str], bool]:
    """The marker variables (PEP 508) of any Python, even one too old to install for, and whether it is free-threaded.

    :raises LocalError: ``python-missing`` when it does not run
    """
    command = [os.fspath(path), "-I", "-c", _MARKER_SCRIPT]
    try:
        output = subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_SECONDS)
        facts = json.loads(output.stdout)
        return _text_table(facts["environment"]), bool(facts["free"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise LocalError("python-missing", f"{path} is not a working Python: {error}") from error


def standard_library(interpreter: Interpreter) -> frozenset[str]:
    """The top-level names of its standard library; if it cannot be queried, those of the running Python."""
    if interpreter.minor == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.stdlib_module_names
    command = [os.fspath(interpreter.path), "-I", "-S", "-c", "import sys; print(*sys.stdlib_module_names)"]
    try:
        output = subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_SECONDS, text=True)
    except (OSError, subprocess.SubprocessError):
        return sys.stdlib_module_names
    return frozenset(output.stdout.split())


def query_interpreter(path: Path, cache: Path | None) -> Interpreter | str:
    """What the interpreter says about itself, or why there is no answer."""
    cached = _cache_file(path, cache)
    if cached is not None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            known = _from_facts(json.loads(unsealed(cached.read_bytes())))
            if known.path.exists():  # it may have been named by a link that is gone
                return known
    try:
        facts = _facts(path)
        interpreter = _from_facts(facts)
    except subprocess.TimeoutExpired:
        return f"did not answer within {_TIMEOUT_SECONDS} seconds"
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError, TypeError):
        return "did not answer; it is not a Python 3.8 or newer, or it is broken"
    if cached is not None and interpreter.path.resolve() == path.resolve():
        _write_cache(cached, facts)
    return interpreter


def _facts(path: Path) -> dict[str, object]:
    """Ask in this process if ``path`` is the running interpreter, else in a short-lived process."""
    if path == Path(probe.base_executable()):
        return probe.describe()
    site = Path(packaging.__file__).parent.parent
    command = [os.fspath(path), "-I", "-S", "-B", probe.__file__, os.fspath(site)]
    process = subprocess.run(
        command, capture_output=True, check=True, timeout=_TIMEOUT_SECONDS, stdin=subprocess.DEVNULL
    )
    output = json.loads(process.stdout)
    if not isinstance(output, dict):
        raise ValueError("not an answer")  # noqa: TRY004 - like any other malformed answer
    return output


def _from_facts(facts: dict[str, object]) -> Interpreter:
    values = dict(facts)
    texts = {key: str(values[key]) for key in _TEXTS}
    return Interpreter(
        path=Path(str(values["path"])),
        prefix=Path(str(values["prefix"])),
        environment=_text_table(values["environment"]),
        layout=_text_table(values["layout"]),
        tags=_text_list(values["tags"]),
        standard_library=frozenset(_text_list(values["standard_library"])),
        **texts,
    )


_TEXTS = ("version", "implementation", "platform", "triple", "cache_tag", "extension_suffix")


def _text_table(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("not a table")
    return {str(key): str(item) for key, item in value.items()}


def _text_list(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(str(item) for item in value)


def _cache_file(path: Path, cache: Path | None) -> Path | None:
    """Where the answer is cached; a new interpreter, kernel or libc gives another file."""
    if cache is None:
        return None
    real = path.resolve()
    try:
        changed = real.stat().st_mtime_ns
    except OSError:
        return None
    libc = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", {}) else ""
    system = [*os.uname()] if hasattr(os, "uname") else [sys.platform]
    key = json.dumps([os.fspath(real), changed, system, libc, packaging.__version__])
    return cache / _CACHE_FOLDER / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _write_cache(file: Path, facts: dict[str, object]) -> None:
    """Write by rename; if the cache cannot be written, that only costs time."""
    with suppress(OSError):
        drafts.write(file.parent, file, sealed(json.dumps(facts).encode()))
