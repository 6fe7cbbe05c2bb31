"""The PostgreSQL server: embedded server, roles, bootstrap, backup and health."""
