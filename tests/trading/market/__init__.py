"""Tests of `trading.market`."""
