"""Connections: Prefect blocks and the adapters behind them."""
