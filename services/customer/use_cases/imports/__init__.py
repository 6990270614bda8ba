"""Imports of customers and contacts: what their rows mean, and how an import is taken back. The rest is
`common.importing`."""
