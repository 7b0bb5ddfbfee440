"""How mvlock compares with its peers, measured side by side in one run."""
