"""Owns the customer record: customers and their hierarchy, contacts, addresses, groups, and the imports that bring them
in. Never holds money, stock or logins."""
