"""Services in use: what orders and moves make of them, and their commands."""
