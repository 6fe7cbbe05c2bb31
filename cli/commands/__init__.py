"""Verbs about users, pairs, positions, keys and receipts. The work itself is in `commands`."""
