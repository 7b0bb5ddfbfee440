"""The store: every wheel unpacked once for all projects of the user, addressed by its hash, never changed.

Under the cache directory, in ``store-N/`` (N: the format of its receipts):

- ``wheels/ab/abcdef…/``: one entry per sha256 of a wheel. It is written atomically, by rename.
    - ``receipt``: what it holds (WheelReceipt), after its own digest
    - ``files/…``: the members of the archive, read-only
    - ``spare/1/…``: further copies of native files, for libraries that are loaded more than once
    - ``intact``: its time says when all of it was last known to be intact
    - ``pointed-at``: present if a tree was made with symbolic links to the entry
    - ``bytecode/cpython-311/…``: compiled once per cache tag; written atomically
- ``locks/``: a file per hash, so that concurrent processes do the work once
- ``tmp/``: work in progress; what a killed process left may be removed
"""

PUBLIC = {
    "bytecode": ("compilation", "compile_in_place", "compiled_sources", "problems_in_place"),
    "compiler": ("Compiler",),
    "file_workers": ("FileWorkers",),
    "guard": ("MAXIMUM_RATIO", "RATIO_APPLIES_FROM", "name_problem", "problems"),
    "model": ("LinkName", "Linkage", "StoredFile", "WheelReference", "WheelScript"),
    "native": ("is_native",),
    "processes": ("NEW_SESSION",),
    "scripts": ("parse_scripts",),
    "store": ("IMPORTSHIM_FOLDER", "SYMLINKED", "STORE_FOLDER", "Store", "StoredWheel"),
    "verify": ("bytecode_problems", "discard_changed", "discard_damaged", "discard_damaged_rest", "note_installed"),
    "zip_structure": ("structure_problems",),
}
"""What other layers may use, by module."""
