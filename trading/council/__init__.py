"""Questions to models, their decisions, the consensus and the scorecard.

Model clients are in `blocks.models`.
"""
