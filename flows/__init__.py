"""Prefect flows and the warm worker. A flow calls tasks; calculations belong in `trading`."""
