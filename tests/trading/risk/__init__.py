"""Tests of `trading.risk`."""
