"""Tests of `telegram.views`."""
