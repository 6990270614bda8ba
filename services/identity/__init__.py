"""Owns accounts, credentials, sessions, roles, grants and API tokens; never knows what a permission protects."""
