"""Client of the Prefect API: deployments, their specifications, their drift from the database."""
