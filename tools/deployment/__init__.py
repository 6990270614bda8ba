"""Checks of what deploys the product, and the secrets of a first start on a local cluster."""
