"""Tests of `db.repositories`."""
