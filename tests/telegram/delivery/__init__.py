"""Tests of `telegram.delivery`."""
