"""Entries about customers. Owns entries; never the customers that they are about."""
