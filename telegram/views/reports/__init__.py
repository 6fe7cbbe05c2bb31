"""Texts about trading state: status, positions, statistics, receipts, alerts."""
