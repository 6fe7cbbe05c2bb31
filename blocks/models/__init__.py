"""The voters' adapters: one port, several minds."""
