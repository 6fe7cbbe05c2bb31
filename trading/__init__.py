"""What we know and how we decide: pure values and rules; no I/O, no clock, no Prefect."""
