"""What is installed, according to receipts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from mvlock.install.places import Places
from mvlock.plan.receipt import TREE_RECEIPT, TREE_RECEIPT_FORMAT, TreeReceipt


class Installed(msgspec.Struct, frozen=True):
    """``trees``: every tree that we made (None: its receipt cannot be read); ``app``: the application's environment."""

    trees: Mapping[str, TreeReceipt | None]
    app: TreeReceipt | None

    @property
    def readable(self) -> dict[str, TreeReceipt]:
        """The trees whose receipts can be read."""
        return {name: receipt for name, receipt in self.trees.items() if receipt is not None}


def read_installed(places: Places) -> Installed:
    """What is installed now."""
    return Installed(read_trees(places.modules), read_receipt(places.app.root))


def read_receipt(folder: Path) -> TreeReceipt | None:
    """The receipt in an environment, or None if there is none that we can read."""
    with suppress(FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        receipt = msgspec.json.decode((folder / TREE_RECEIPT).read_bytes(), type=TreeReceipt)
        return receipt if receipt.format == TREE_RECEIPT_FORMAT else None
    return None


def read_trees(modules: Path) -> dict[str, TreeReceipt | None]:
    """Every tree that we made in ``modules`` (None: its receipt cannot be read); no foreign folders, no links."""
    if not modules.is_dir():
        return {}
    found = sorted(path for path in modules.iterdir() if not path.name.startswith(".") and not path.is_symlink())
    return {path.name: read_receipt(path) for path in found if (path / TREE_RECEIPT).is_file()}
