"""What we remember: models, repositories, views, migrations and encryption."""
