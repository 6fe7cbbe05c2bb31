"""Clients of the language models, and the offline rule models."""
