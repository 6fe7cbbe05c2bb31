"""Doubles of our ports: venue, model, chat and feed."""
