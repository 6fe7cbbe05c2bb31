"""The SQL views that read across tables."""
