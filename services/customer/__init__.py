"""Owns the customer record: customers and their hierarchy, contacts, addresses, groups, properties with who has them,
and the imports that bring them in. Never holds money, stock or logins."""
