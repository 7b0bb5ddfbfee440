"""Environments: what lies where in a virtual environment, and how one is made out of wheels of the store."""
