"""What many stages need and none is about."""
