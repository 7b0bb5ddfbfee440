"""The plan: from what is installed to what is locked. Values in, values out, nothing touches the disk."""
