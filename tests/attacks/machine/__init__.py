"""Attacks from the same machine: another Unix user, beside a real `quorum up`."""
