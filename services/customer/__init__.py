"""Owns the customer record: customers and their hierarchy, contacts, addresses, groups, and the imports that bring them
in. Knows nothing of money, stock or logins."""
