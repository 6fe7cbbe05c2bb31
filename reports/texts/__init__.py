"""Texts for people: one Fluent catalog a language, and the functions that render messages."""
