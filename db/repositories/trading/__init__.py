"""Repositories of cycles, decisions, orders, positions and paper books."""
