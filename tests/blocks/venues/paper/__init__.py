"""Tests of `blocks.venues.paper`."""
