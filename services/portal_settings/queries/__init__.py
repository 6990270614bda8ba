"""Reads: what counts at a scope, and whom a change would affect."""
