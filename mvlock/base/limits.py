"""How large what comes from outside may be (docs/limits.md).

Everything here is far above what real projects have, and far below what takes noticeable time or memory.
"""

from __future__ import annotations

MEGABYTE = 1 << 20

LONGEST_NUMBER = 255
"""Digits of a number in a version: it is part of a file's name. ``int`` itself fails beyond 4,300."""
LONGEST_TEXT = 10_000
"""Characters of a requirement, marker or specifier. The longest that tools write, of a hundred extras, have 3,000."""
MOST_CLAUSES = 200
"""Commas in it: clauses of a specifier, each of which is compared with every version of a project."""
DEEPEST_BRACKETS = 50
"""Brackets within brackets of a marker, and of TOML. Parsers are recursive, and Python ends them at a few hundred."""

LONGEST_NAME = 200
"""Characters of a project's or tree's name. The longest on the public index has 80; a file system takes 255 bytes."""
LONGEST_FILE_NAME = 255
"""Bytes of a file's name: what every file system takes."""
LONGEST_URL = 8_000
"""Characters of a URL; servers refuse longer ones."""

MOST_REQUIREMENTS = 5_000
"""Requirements of one distribution. The largest real ones, frameworks with an extra per plugin, have 2,000."""
LARGEST_METADATA = 32 * MEGABYTE
"""Bytes of a distribution's core metadata, which has its description in it."""
LARGEST_PAGE = 256 * MEGABYTE
"""Bytes of a project's page, unpacked. The largest of the public index have 30 MB."""
LARGEST_RANGE = 64 * MEGABYTE
"""Bytes of a part of a wheel: its list of members."""
LARGEST_FILE = 64 * 1024 * MEGABYTE
"""Bytes of a file of which the index does not say the size."""
SLOWEST_PACE = 16 * 1024
"""Bytes per second, on average, after the total time of a request; slow mobile connections have three times as many."""
LARGEST_TEXT = 64 * MEGABYTE
"""Bytes of pyproject.toml, a lock, a script, a file of another tool. The largest real ones, locks, have 5 MB."""
