"""Tests of `tasks.recovery`."""
