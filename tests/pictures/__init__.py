"""Pictures: one value, drawn in three ways."""
