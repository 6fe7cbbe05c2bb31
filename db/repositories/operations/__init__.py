"""Repositories of alerts, health and model spending."""
