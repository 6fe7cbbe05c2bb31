"""Risk limits, rules and position sizing. Every rule can only shrink or deny a decision."""
