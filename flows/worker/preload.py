"""What a warm process has imported before its first run; it takes seconds."""

import gc

WARM_ENTRYPOINTS = ("flows.trading_cycle.trading_cycle", "flows.reconcile.reconcile")
"""Flows, with the libraries behind them."""

WARM_MODULES = ("great_expectations", "pandas_ta", "ccxt.async_support", "openai", "anthropic")
"""What a cycle imports only when it gets there: in a run it would hold up all others."""


def freeze_heap() -> None:
    """
    Leave what was imported out of every later garbage collection.

    The libraries are 750,000 objects that stay: a full collection looks at each of them, which
    holds up every run in the process for a third of a second.
    """
    gc.collect()
    gc.freeze()
