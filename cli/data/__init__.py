"""`quorum data`: candles and funding of the past, kept under the home for replays."""
