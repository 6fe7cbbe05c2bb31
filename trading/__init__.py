"""Domain values and rules of trading. No I/O, no clock, no Prefect."""
