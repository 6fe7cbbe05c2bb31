"""Tests of the question."""
