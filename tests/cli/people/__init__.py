"""Tests of `cli.people`."""
