"""The ORM models; their rows never leave this room."""
