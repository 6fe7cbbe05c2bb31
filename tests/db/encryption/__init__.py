"""Tests of `db.encryption`."""
