"""Tests of `cli.config`."""
