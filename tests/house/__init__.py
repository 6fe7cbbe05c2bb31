"""Tests of the house itself: contracts, limits, project files."""
