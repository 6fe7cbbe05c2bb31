"""Compressed forms of receipts and texts."""
