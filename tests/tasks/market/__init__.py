"""Tests of `tasks.market`."""
