"""Tests of `cli.stack`."""
