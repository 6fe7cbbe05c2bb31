"""Bookkeeping of fills and funding, valuation and performance figures."""
