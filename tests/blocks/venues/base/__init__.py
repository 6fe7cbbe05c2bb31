"""Tests of `blocks.venues.base`."""
