"""Modules that many stages use."""
