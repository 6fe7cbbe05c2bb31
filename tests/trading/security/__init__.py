"""Tests of `trading.security`."""
