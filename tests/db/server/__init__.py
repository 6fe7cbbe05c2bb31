"""Tests of `db.server`."""
