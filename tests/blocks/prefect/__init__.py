"""Tests of `blocks.prefect`."""
