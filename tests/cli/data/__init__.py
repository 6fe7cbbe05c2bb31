"""Tests of `cli.data`."""
