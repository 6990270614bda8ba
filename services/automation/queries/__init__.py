"""Reads: SQL to plain data."""
