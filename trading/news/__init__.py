"""News items, the matching of items to pairs, and the sentiment score.

Feed clients are in `blocks.feeds`.
"""
