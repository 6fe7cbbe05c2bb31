"""News items, their matching to pairs, and the sentiment score.

Feed clients are in `blocks.feeds`.
"""
