"""Verbs about pairs, positions and receipts. The work itself is in `commands`."""
