"""Reads: SQL to plain data, or to JSON text that was made ready when the events arrived."""
