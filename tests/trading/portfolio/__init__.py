"""Tests of `trading.portfolio`."""
