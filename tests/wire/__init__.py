"""Objects on the wire: `python -m tests.wire`.

``cells`` says what is sent, from where, and how; versions.json, which versions on which Python. ``projects`` makes
three projects with the tool itself: an application that has a name and two aliases for each library, one that has the
aliases alone, and one whose trees are ordinary environments with one version each. What runs there is ``payload``
(objects), ``main.py`` and ``functions.py`` (functions, classes of a program). ``run`` starts it, ``judge`` compares it
with what the version does alone, ``page`` is for docs/pickling.md (results.json is what it shows).
"""
