"""Tests of `trading.news`."""
