"""Texts for people: a Fluent catalog for each language, and the rendering of messages."""
