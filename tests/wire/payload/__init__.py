"""Creates and examines objects of each kind; sends them there and back (``ways``).

This package is copied, once for each origin of objects: into libraries that need the old or the new versions, and into
the application, where its imports are turned into those of aliases (see ``tests.wire.projects``).
"""
