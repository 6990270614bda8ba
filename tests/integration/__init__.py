"""Services together."""
