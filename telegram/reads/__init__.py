"""What a view needs, read from our own books in one transaction."""
