"""What malformed and hostile input does."""
