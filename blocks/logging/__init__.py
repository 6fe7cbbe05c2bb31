"""Structured logs, and the removal of secrets from log lines."""
