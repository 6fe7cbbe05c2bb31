"""What a warm process has imported before its first run; it takes seconds."""

WARM_ENTRYPOINTS = ("flows.trading_cycle.trading_cycle", "flows.reconcile.reconcile")
"""Flows, with the libraries behind them."""

WARM_MODULES = ("great_expectations", "pandas_ta", "ccxt.async_support", "openai", "anthropic")
"""What a cycle imports only when it gets there: in a run it would hold up all others."""
