"""Encryption of exchange keys and the files of secrets."""
