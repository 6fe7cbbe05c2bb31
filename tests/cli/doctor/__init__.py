"""Tests of `cli.doctor`."""
