"""Receipts and reports as text. Charts are in `reports`."""
