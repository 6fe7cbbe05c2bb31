"""Vendors of language models: what each refuses, and how each answers and bills."""
