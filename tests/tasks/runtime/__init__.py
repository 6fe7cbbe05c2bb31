"""Tests of `tasks.runtime`."""
