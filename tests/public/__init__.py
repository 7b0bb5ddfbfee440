"""Public applications, with their own dependency lists and tests: `python -m tests.public CHECKOUTS [NAMES…]`.

applications.json says which (``applications``). Each is copied twice: for an ordinary virtual environment, and for the
tool (``sides``); both get the same ``requirements``. ``outcomes`` reads what became of each test, ``results`` compares
and keeps it for docs/compatibility.md. CHECKOUTS has a checkout of each, under its name: nothing is fetched here.
"""
