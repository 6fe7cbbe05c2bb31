"""Builds the alerts that a cycle or a monitor owes. Delivery is in `telegram.delivery`."""
