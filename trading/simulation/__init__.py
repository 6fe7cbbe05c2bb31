"""The simulated exchange of paper trading.

Knows orders and candles, no models and no risk rules.
"""
