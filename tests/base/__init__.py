"""Modules that many layers use."""
