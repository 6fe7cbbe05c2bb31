"""Texts of conversations about changes: settings, keys, confirmations."""
