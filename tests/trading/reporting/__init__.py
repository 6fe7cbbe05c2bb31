"""Tests of `trading.reporting`."""
