"""Tests of `flows.worker`."""
