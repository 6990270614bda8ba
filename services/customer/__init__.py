"""Owns the customer record: customers and their hierarchy, contacts, addresses, groups with their settings, properties
with who has them, tags, segments, saved filters, and the imports that bring customers in. Never holds money, stock or
logins."""
