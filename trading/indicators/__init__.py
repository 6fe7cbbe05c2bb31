"""Technical indicators computed from candles."""
