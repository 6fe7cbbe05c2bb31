"""`quorum doctor`: checks each part of an installation and explains repairs."""
