"""The council for people: the seats and their state, one question to all of them.

Models and catalogs come through ports; the clients are in `blocks.models`.
"""
