"""Tests of `db.repositories.operations`."""
