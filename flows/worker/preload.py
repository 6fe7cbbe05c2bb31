"""Modules and flows imported by a warm worker before the first run; the imports take seconds."""

import gc

PRELOADED_ENTRYPOINTS = ("flows.trading_cycle.trading_cycle", "flows.reconcile.reconcile")
"""Flows, with the libraries behind them."""

PRELOADED_MODULES = (
    "great_expectations",
    "pandas_ta",
    "ccxt.async_support",
    "openai",
    "anthropic",
)
"""Lazy imports of a cycle: an import within a run would block every other run."""


def freeze_heap() -> None:
    """
    Exclude the imported objects from every later garbage collection.

    The libraries hold 750,000 permanent objects: a full collection visits each of them and blocks
    every run in the process for a third of a second.
    """
    gc.collect()
    gc.freeze()
