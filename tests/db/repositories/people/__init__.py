"""Tests of `db.repositories.people`."""
