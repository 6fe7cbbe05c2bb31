"""Shared by the live venues: account client, rate limits, response classification, parsing."""
