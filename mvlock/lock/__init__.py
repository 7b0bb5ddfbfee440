"""Fourth stage: resolutions of all targets merged into one ``Lock``, written to and read from mv.lock."""
