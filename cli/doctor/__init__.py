"""`quorum doctor`: checks each part of an installation and says how to repair it."""
