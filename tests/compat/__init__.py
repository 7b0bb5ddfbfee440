"""Real old/new pairs of libraries, live in one process: `python -m tests.compat`.

pairs.json (``pairs``) says which; ``projects`` makes a project of each with the tool itself; ``application`` is its
main.py, which runs both versions' smoke code; ``run`` starts it once per mode; ``judge`` compares what was printed with
what the versions print when alone; ``report`` prints
that, ``page`` writes it for docs/compatibility.md (results.json is the run that it shows).
"""
