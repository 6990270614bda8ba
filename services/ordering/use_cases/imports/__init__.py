"""Imports of this service: what rows of listings, prices and orders mean. The rest is `common.importing`."""
