"""Tests of `tasks.monitoring`."""
