"""Binance USD-M futures: market data, account, history, parsing."""
