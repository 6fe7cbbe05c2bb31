"""Bybit v5 linear perpetuals: market data, account, parsing."""
