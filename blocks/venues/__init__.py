"""Exchange clients, one folder for each venue."""
