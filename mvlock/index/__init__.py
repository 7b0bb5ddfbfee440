"""Second stage: what indexes offer. The only place that talks to the network."""
