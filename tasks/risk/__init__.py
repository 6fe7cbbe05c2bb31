"""Loads the inputs of the risk rules and runs them. The rules are in `trading.risk`."""
