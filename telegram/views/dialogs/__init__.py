"""Texts of conversations that change something: settings, keys, confirmations."""
