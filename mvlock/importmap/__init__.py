"""The import map: compiled from the lock and the installed trees, read by importshim when it starts."""

from mvlock.importmap.compile import InstalledTree, compile_map
from mvlock.importmap.file import MAP_FILE, installed_map, map_text, write_map
from mvlock.importmap.sharing import Arrangement
from mvlock.lock.neighbours import Manner

__all__ = [
    "MAP_FILE",
    "Arrangement",
    "InstalledTree",
    "Manner",
    "compile_map",
    "installed_map",
    "map_text",
    "write_map",
]
