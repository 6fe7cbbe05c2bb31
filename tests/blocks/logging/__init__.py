"""Tests of `blocks.logging`."""
