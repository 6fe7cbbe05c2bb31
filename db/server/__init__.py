"""The PostgreSQL server: the embedded one, roles, bootstrap, backup, health."""
