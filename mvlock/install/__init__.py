"""Installing: the trees of a lock under ``py_modules/``, and the application's own environment.

Nothing is imported here: whether there is anything to do (``settled``) is told before the rest is needed.
"""
