"""The bot: asks, renders, creates and pauses deployments; never trades."""
