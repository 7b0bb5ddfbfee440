"""The resolver against universes in memory."""
