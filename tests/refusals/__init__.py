"""Every kind of refusal, shown once: docs/errors.md is made from what these stories really print."""
