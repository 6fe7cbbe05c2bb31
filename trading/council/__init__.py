"""Questions to models, votes and abstentions, the consensus and the scorecard.

Model clients are in `blocks.models`.
"""
