"""All services in one process on an embedded PostgreSQL: for a first look and for development, not for load."""
