"""Texts of the bot as pure functions of values. No database and no network."""
