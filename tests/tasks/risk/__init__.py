"""Tests of `tasks.risk`."""
