"""A new service from a template, and the contracts folder of a new event."""
