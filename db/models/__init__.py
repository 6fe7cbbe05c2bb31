"""SQLAlchemy models, a file for each group of tables."""
