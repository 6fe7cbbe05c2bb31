"""Connections to the outside: venues, models, feeds, the Prefect API. Persistence is in `db`."""
