"""Attacks on Quorum, one file for each way in: every attack must fail."""
