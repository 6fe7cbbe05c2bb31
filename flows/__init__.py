"""Prefect flows and their worker. A flow calls tasks; calculations belong in `trading`."""
