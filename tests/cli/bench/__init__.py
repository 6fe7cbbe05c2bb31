"""Tests of `cli.bench`."""
