"""Every kind of expected error, once: docs/errors.md is generated from what these scenarios print."""
