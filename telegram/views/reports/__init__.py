"""Texts that show trading state: status, positions, statistics, receipts, alerts."""
