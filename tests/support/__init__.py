"""Test projects in one line: releases, an index on 127.0.0.1 that serves them, projects that use it."""
