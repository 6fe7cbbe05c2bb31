"""The news feeds' adapters: one port, several sources."""
