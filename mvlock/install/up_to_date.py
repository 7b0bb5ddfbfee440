"""Whether an install has nothing to do, according to what the last one left, without parsing lock or project.

After an install ``.settled`` in the folder of the trees records its options, the hashes of all files that
determined what is installed, and time and size of what it left: receipts, each tree's interpreter and
site-packages, everything in the application's folders. While all of that is the same, there is nothing to do. Any
difference, and any doubt, means a full check. Few imports, and none of ``pathlib`` or ``typing``: the answer must take
less time than importing most modules would.
"""

from __future__ import annotations

import hashlib
import os
import sys

from mvlock import __version__
from mvlock.base.freshness import content_hash, folder_fingerprint, note, paths_above, read_note, stamp
from mvlock.interpreter.version_file import version_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mvlock.base.freshness import AnyPath

RECORD_FILE = ".settled"
"""In the folder of the trees: what the last install left."""
REPORTED_FILE = ".told.json"
"""Beside it: what the last install reported about the application's imports (``undeclared``)."""
_FORMAT = 4
_RECEIPT = ".mvlock.json"
_INPUTS = ("pyproject.toml", "mv.lock")
_LISTS, _EDITABLE = ("folders", "parts", "files", "listings"), "editable"
_SEARCHED = ("PATH", "PYENV_ROOT", "HOME")


class InstallInputs:
    """An install of the project in ``root`` with these options (as text), and its inputs as they are now.

    ``home``: the folder that its environments are in.
    """

    def __init__(self, root: AnyPath, home: AnyPath, options: str, inputs: Mapping[str, str | None]) -> None:
        self.root, self.home, self.options, self.inputs = os.fspath(root), os.fspath(home), options, inputs

    @classmethod
    def read(cls, root: AnyPath, options: str) -> InstallInputs:
        """The inputs now; reads files of the project, so call this before anything else reads them."""
        return cls(root, root, options, hashes_of(root, *(_join(root, name) for name in _INPUTS)))

    def key(self) -> str:
        """A hash of everything that must be equal for the answer to be the same."""
        parts = (
            _FORMAT,
            __version__,
            os.path.realpath(sys.executable),
            self.root,
            self.home,
            self.options,
            sorted(self.inputs.items()),
            [os.environ.get(name) for name in _SEARCHED],
            _importshim(),
        )
        return _digest(parts)


def hashes_of(root: AnyPath, *files: AnyPath) -> dict[str, str | None]:
    """The hashes of these files, of the one that may say which Python the project in ``root`` is for, and of what may
    be the root of its workspace."""
    version = version_file(root)
    return {
        **{path: found for path in paths_above(root, _INPUTS[0]) if (found := content_hash(path)) is not None},
        **{os.path.basename(file): content_hash(file) for file in files},  # noqa: PTH119  # see above; so below
        str(version): content_hash(version) if version else None,
    }


class InstalledState:
    """What an install left behind: the folders of trees and application, relative to their home.

    ``folders``: those of the application in which every file must be unchanged. ``parts``: what each tree cannot do
    without, relative to it. ``files``: other files that the result depends on, absolute or relative to the root.
    ``sources``: folders that were built, with whether as editable, and their fingerprints. ``listings``: folders whose
    modules are in the map.
    """

    def __init__(
        self,
        *,
        modules: str,
        app: str,
        interpreter: str,
        folders: Sequence[str],
        parts: Sequence[str],
        files: Sequence[str] = (),
        sources: Sequence[tuple[str, bool, str]] = (),
        listings: Sequence[str] = (),
    ) -> None:
        self.modules, self.app, self.interpreter = modules, app, interpreter
        self.folders, self.parts, self.files = folders, parts, files
        self.sources, self.listings = sources, listings

    @classmethod
    def of(cls, texts: Mapping[str, Sequence[str]]) -> InstalledState:
        """The state of these ``texts``.

        :raises ValueError: they are of none
        :raises KeyError: as ``ValueError``
        """
        paths, kinds, fingerprints = (texts[name] for name in ("paths", "kinds", "fingerprints"))
        (modules,), (app,), (interpreter,) = (texts[name] for name in ("modules", "app", "interpreter"))
        return cls(
            modules=modules,
            app=app,
            interpreter=interpreter,
            **{name: texts[name] for name in _LISTS},
            sources=[
                (path, kind == _EDITABLE, state) for path, kind, state in zip(paths, kinds, fingerprints, strict=True)
            ],
        )

    def texts(self) -> dict[str, Sequence[str]]:
        """The state as texts by name."""
        return {
            "modules": [self.modules],
            "app": [self.app],
            "interpreter": [self.interpreter],
            **{name: getattr(self, name) for name in _LISTS},
            "paths": [path for path, _, _ in self.sources],
            "kinds": [_EDITABLE if editable else "" for _, editable, _ in self.sources],
            "fingerprints": [fingerprint for _, _, fingerprint in self.sources],
        }


def unchanged_state(inputs: InstallInputs) -> InstalledState | None:
    """What the last install left behind, if it is all unchanged and the inputs are the same; else None."""
    for folder in _candidates(inputs.home):
        found = read_note(_join(inputs.home, folder, RECORD_FILE))
        if found.get("key") == [inputs.key()]:
            try:
                state = InstalledState.of(found)
                if found["state"] == [_current_state(inputs, state)]:
                    return state
            except (OSError, ValueError, KeyError):
                continue
    return None


def record_state(inputs: InstallInputs, state: InstalledState) -> None:
    """Record what an install left behind; if that cannot be written, the next install does a full check.

    It also does if there are no trees and no folder for them, or if a source has changed since.
    """
    from contextlib import suppress
    from pathlib import Path

    from mvlock.base import atomic

    with suppress(OSError, ValueError):
        content = {"key": [inputs.key()], "state": [_current_state(inputs, state)], **state.texts()}
        path = Path(inputs.home, state.modules, RECORD_FILE)
        atomic.remove_drafts_of(path)
        atomic.write(path, note(content), mode=atomic.OWNER_ONLY)


def _candidates(home: str) -> Iterator[str]:
    """Folders that may hold the trees: the usual one first, then any that has our record."""
    yield "py_modules"
    try:
        with os.scandir(home) as entries:
            yield from sorted(entry.name for entry in entries if entry.is_dir() and entry.name != "py_modules")
    except OSError:
        return


def _current_state(inputs: InstallInputs, state: InstalledState) -> str:
    """A digest of all that must be the same.

    :raises ValueError: a source has changed
    """
    modules, app = _join(inputs.home, state.modules), _join(inputs.home, state.app)
    trees = [name for name in _names(modules) if not name.startswith((RECORD_FILE, REPORTED_FILE))]
    receipts = [_join(modules, name, part) for name in trees for part in (_RECEIPT, *state.parts)]
    receipts += [_join(app, name) for name in (_RECEIPT, "pyvenv.cfg", ".gitignore")]
    folders = [_join(inputs.home, folder) for folder in state.folders]
    current = [folder_fingerprint(_join(inputs.root, path), editable=editable) for path, editable, _ in state.sources]
    if current != [fingerprint for _, _, fingerprint in state.sources]:
        raise ValueError("a source has changed")
    now = {
        "trees": trees,
        "siblings": [name for name in _names(os.path.dirname(app)) if name.startswith(".mvlock-tmp-")],  # noqa: PTH120
        "receipts": [stamp(path) for path in receipts],
        "folders": [[stamp(folder), *_stamps(folder)] for folder in folders],
        "interpreter": stamp(state.interpreter),
        "files": [content_hash(_join(inputs.root, name)) for name in state.files],
        "listings": [_names(_join(inputs.home, folder)) for folder in state.listings],
    }
    return _digest(now)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()


def _join(*parts: AnyPath) -> str:
    return os.path.join(*parts)  # noqa: PTH118


def _names(folder: str) -> list[str]:
    return sorted(name for name in os.listdir(folder) if name != "__pycache__")  # noqa: PTH208


def _stamps(folder: str) -> list[list[object]]:
    """Name, time, size and mode of everything in a folder; of links the name alone.

    A view has thousands of links. One that is replaced changes the time of its folder, so none of them has to be
    looked at.
    """
    with os.scandir(folder) as entries:
        found = [entry for entry in entries if entry.name != "__pycache__"]
        return sorted([item.name, *(() if item.is_symlink() else stamp(item) or ())] for item in found)


def _importshim() -> list[list[object]]:
    """Time and size of the importshim files that would go into the application's environment."""
    above = os.path.dirname
    try:
        return _stamps(_join(above(above(above(__file__))), "importshim"))
    except OSError:
        return []
