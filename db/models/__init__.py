"""SQLAlchemy models, one file for each group of tables."""
