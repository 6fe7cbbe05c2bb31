"""Candles and market snapshots. Venue clients are in `blocks.venues`."""
