"""HTTP in: the operations of this service."""

from customer.api import addresses, contacts, customers, groups, imports

ROUTES = (customers.routes, contacts.routes, addresses.routes, groups.routes, imports.routes)
