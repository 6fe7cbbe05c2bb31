"""Collects market data, news and trading rules, and checks their quality."""
