"""Tests of `blocks.venues`."""
