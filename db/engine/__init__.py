"""Declarative base, column types, connection settings and error translation."""
