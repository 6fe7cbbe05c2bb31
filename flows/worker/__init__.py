"""Prefect worker type for runs inside a warm process. Trading steps belong in `tasks`."""
