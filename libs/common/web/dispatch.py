"""Public operations that several services have in common: how the gateway finds whose a request is.

A service declares it with the operation; the gateway reads it as `x-dispatch` from the OpenAPI documents, and refuses
to start where two services claim one operation and do not both declare the same.
"""

from collections.abc import Sequence
from typing import Any

Dispatch = dict[str, Any]


def by_field(name: str, values: Sequence[str]) -> Dispatch:
    """A field of the form, sent before any file, or of the query says which owner: this service has `values`."""
    return {"by": "field", "field": name, "values": list(values)}


def asked_in_turn() -> Dispatch:
    """The owners are asked one after the other; who does not know the thing answers 404."""
    return {"by": "turn"}


def newest_first(*keys: str) -> Dispatch:
    """A list without filters whose pages are merged from all owners, falling by these members of its items, the last
    one unique. They are what the list's cursor holds."""
    return {"by": "merge", "keys": list(keys)}
