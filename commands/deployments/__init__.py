"""The port to Prefect, and the synchronization of Prefect with the database; no user commands."""
