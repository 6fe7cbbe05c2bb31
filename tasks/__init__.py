"""Units of work: Prefect tasks, one verb each."""
