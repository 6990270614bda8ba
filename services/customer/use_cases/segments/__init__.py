"""Segments: their rules, decisions about single customers, and keeping their members."""
