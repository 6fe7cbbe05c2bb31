"""Values rendered to text for people."""
