"""Tests of `cli.base`."""
