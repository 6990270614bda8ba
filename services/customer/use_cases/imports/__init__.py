"""Imports of files: accepted by the API, read and written by the worker in chunks of rows.

Each chunk is one transaction with its checkpoint, so that an import that was interrupted anywhere goes on where the
last whole chunk ended, and never writes a row twice.
"""
