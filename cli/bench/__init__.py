"""`quorum bench` and `quorum chaos`: measurements and fault campaigns."""
