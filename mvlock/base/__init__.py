"""Utilities that many layers need and that belong to none. May be imported from anywhere.

The machine: ``atomic``, ``folders`` and ``drafts`` (atomic writes), ``umask``, ``locks``, ``sessions``,
``concurrency``, ``lazy``, ``memory``, ``freshness`` (cached answers about files), ``os_errors``, ``toml``. What
identifies a file: ``digests``, ``sealed``. Addresses: ``urls``. What names in specifications mean: ``wheel_paths``,
``extras``. From mvlock, only errors and their codes are imported here.
"""
