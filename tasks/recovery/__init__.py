"""Restores a safe state after a crash: reconciliation, position guard, failover, lost cycles."""
