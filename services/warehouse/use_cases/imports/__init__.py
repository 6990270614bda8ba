"""Imports of this service: what rows of stock and of assets mean. The rest is `common.importing`."""
