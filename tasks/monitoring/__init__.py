"""Watchdog, health checks, metrics and retention. Nothing here places or cancels an order."""
