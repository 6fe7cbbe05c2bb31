"""Exchange clients, a folder for each venue."""
