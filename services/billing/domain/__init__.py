"""Rules: what deliveries cost, and what is decided about it."""
