"""Tests of `trading.indicators`."""
