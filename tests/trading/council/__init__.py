"""Tests of `trading.council`."""
