"""First stage: pyproject.toml becomes a ``Project``, with the requirements of every tree."""
