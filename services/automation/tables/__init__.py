"""The tables of this service, as its migrations make them."""
