"""Tests of `trading.simulation`."""
