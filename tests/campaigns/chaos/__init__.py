"""Chaos: the order path killed, paused, doubled and lied to, and a ledger that judges it."""
