"""SQL views across tables."""
