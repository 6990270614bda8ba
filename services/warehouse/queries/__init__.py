"""Reads: SQL to plain data, as the API shows it."""
