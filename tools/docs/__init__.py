"""The documents that are written by the code: tables, catalogue, AsyncAPI and OpenAPI."""
