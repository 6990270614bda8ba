"""Random work on the customer record, and what must be true of it at any time."""
