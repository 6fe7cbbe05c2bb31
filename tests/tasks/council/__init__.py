"""Tests of `tasks.council`."""
