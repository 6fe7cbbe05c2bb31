"""Tests of `tasks.orders`."""
