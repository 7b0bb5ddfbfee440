"""Every kind of refusal, once: docs/errors.md is generated from what these scenarios print."""
