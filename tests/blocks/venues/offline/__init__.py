"""Tests of `blocks.venues.offline`."""
