"""Client of the Prefect API: deployments, specifications and drift from the database."""
