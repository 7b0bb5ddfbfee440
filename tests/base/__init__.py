"""What has to do with the machine alone."""
