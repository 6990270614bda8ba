"""The HTTP shapes of this service, in and out."""
