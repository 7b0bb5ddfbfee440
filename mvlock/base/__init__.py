"""Utilities that many layers need and that belong to none. May be imported from anywhere.

The machine: ``atomic`` and ``folders`` (atomic writes), ``locks``, ``concurrency``, ``lazy``, ``memory``,
``freshness`` (cached answers about files), ``os_errors``, ``toml``. What identifies a file: ``digests``. What names
in specifications mean: ``wheel_paths``, ``extras``. From mvlock, only errors and their codes are imported here.
"""
