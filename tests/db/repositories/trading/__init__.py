"""Tests of `db.repositories.trading`."""
