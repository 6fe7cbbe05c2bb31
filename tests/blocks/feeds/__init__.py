"""Tests of `blocks.feeds`."""
