"""Tests of `db.codecs`."""
