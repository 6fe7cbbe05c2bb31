"""Tests of `telegram.handlers`."""
