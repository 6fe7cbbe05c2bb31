"""The Prefect worker that runs flows inside warm processes. Trading steps do not belong here."""
