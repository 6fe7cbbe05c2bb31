"""Persistence in PostgreSQL. Rows and SQL stay inside this room."""
