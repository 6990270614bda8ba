"""Imports of this service: what rows of stock mean. The rest is `common.importing`."""
