"""Orchestration: the trading cycle, its siblings and the warm worker."""
