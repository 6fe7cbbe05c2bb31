"""Market data without a network: generated prices and recorded files."""
