"""Warehouses, stock and what is promised of it. Owns where goods are, whose they are, what is reserved, allocated and
shipped; never prices, approvals or the orders themselves."""
