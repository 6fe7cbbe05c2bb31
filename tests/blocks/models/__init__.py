"""Tests of `blocks.models`."""
