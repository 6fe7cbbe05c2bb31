"""Tests of `trading.domain`."""
