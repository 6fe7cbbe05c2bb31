"""The venues' adapters: one port, several places to trade."""
