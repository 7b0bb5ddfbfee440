"""The ground floor: what many stages need and none is about. It may be used from anywhere.

The machine: ``atomic`` and ``folders`` (what appears whole), ``locks``, ``concurrency``, ``lazy``, ``memory``,
``freshness`` (notes of what was found out), ``os_errors``, ``toml``. What identifies a file: ``digests``. What names
in specifications tell: ``wheel_paths``, ``extras``. Nothing of mvlock is imported here but errors and their codes.
"""
