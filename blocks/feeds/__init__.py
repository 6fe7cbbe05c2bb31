"""Clients of news feeds and X."""
