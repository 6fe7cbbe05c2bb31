"""Attacks on the data of single users."""
