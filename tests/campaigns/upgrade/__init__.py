"""Upgrade: a home of the version before comes up under the present code, and nothing is lost."""
