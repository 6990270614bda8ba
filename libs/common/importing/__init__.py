"""Imports of files, the same in every service: accepted by the API, read and written by the worker in chunks of rows.

A service says what a row is, by one `Kind` for each type of import (`kinds`, or `declared` for a row that a marshmallow
schema describes), and puts them together as `Importing`. Everything else is here: the file's keeping and reading, the
columns, the lease of a worker, chunks, counts, dry runs, refused rows and the operations over HTTP. Each chunk is one
transaction with its checkpoint, so that an import that was interrupted anywhere goes on where the last whole chunk
ended, and never writes a row twice.
"""
