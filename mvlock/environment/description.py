"""What a wheel says about an installed distribution, for the receipt of its tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packaging.utils import canonicalize_name

from mvlock.environment.launcher import is_for_python
from mvlock.environment.layout import TreePlace
from mvlock.environment.pth import PATH_FILE, START_FILE, read_path_file, startup_of
from mvlock.plan.model import WantedDistribution
from mvlock.plan.receipt import InstalledCommand, InstalledDistribution, InstalledScript
from mvlock.store.store import StoredWheel

_FIRST_LINE = 256


def described_distribution(wanted: WantedDistribution, wheel: StoredWheel, place: TreePlace) -> InstalledDistribution:
    """A distribution's entry in the receipt of the tree at ``place``, as far as its wheel determines it."""
    receipt, layout = wheel.receipt, place.layout
    data = _data_members(wheel)
    files = [file.path for file in receipt.files if file.path.endswith((PATH_FILE, START_FILE))]
    targets = {path: layout.target(path, data=receipt.data, name=receipt.name) for path in files}
    names = {path: target.rpartition("/")[2] for path, target in targets.items() if layout.is_top_level(target)}
    found = {name: (wheel.files / path).read_bytes() for path, name in names.items()}
    path_files = [read_path_file(name, found[name], place) for name in found if name.endswith(PATH_FILE)]
    return InstalledDistribution(
        name=canonicalize_name(receipt.name),
        version=receipt.version,
        identity=wanted.identity,
        wheel=receipt.sha256,
        imports=receipt.provided,
        spaces=receipt.spaces,
        paths=tuple(path for file in path_files for path in file.paths),
        startup=tuple(startup_of(found, place)),
        commands=tuple(
            InstalledCommand(script.name, script.module, script.attribute, script.gui) for script in receipt.scripts
        ),
        scripts=tuple(_script_files(wheel, data)),
        data=tuple(path.removeprefix("data/") for path in data if path.startswith("data/")),
        declared=receipt.declared,
        imported=receipt.imported,
        info=receipt.info,
    )


def _data_members(wheel: StoredWheel) -> list[str]:
    """What is in a wheel's data folder, relative to it, sorted (PEP 427, "The .data directory")."""
    folder = f"{wheel.receipt.data}/"
    return sorted(file.path.removeprefix(folder) for file in wheel.receipt.files if file.path.startswith(folder))


def _script_files(wheel: StoredWheel, data: Iterable[str]) -> Iterator[InstalledScript]:
    """The commands that are files of a wheel, in the order of ``data``."""
    for path in data:
        scheme, _, name = path.partition("/")
        if scheme == "scripts" and "/" not in name:
            with (wheel.files / wheel.receipt.data / path).open("rb") as stream:
                yield InstalledScript(name, is_for_python(stream.readline(_FIRST_LINE)))
