"""Which columns of text, of several texts or of JSON hold personal values; a test compares with the database.

`use_cases.erasing` empties them, or the event that says that somebody was erased brings what replaces them.
"""

from collections.abc import Mapping

PERSONAL: Mapping[str, frozenset[str]] = {
    "customers": frozenset({"name", "sort_name", "dba_name", "body", "portal_body"}),
    "contacts": frozenset({"sort_name", "body", "card"}),
    "addresses": frozenset({"city", "city_key", "body"}),
    "accesses": frozenset({"body"}),
    "records": frozenset({"place", "label", "body", "portal_body"}),
    "sections": frozenset({"body"}),
    "directory": frozenset({"name", "sort_name", "dba_name", "city", "city_key", "contact", "body"}),
    "terms": frozenset({"term", "sort_name"}),
    "timeline": frozenset({"body", "portal_body"}),
}

PLAIN: Mapping[str, frozenset[str]] = {
    "customers": frozenset({"number", "number_key", "kind", "status", "lifecycle"}),
    "records": frozenset({"kind"}),
    "addresses": frozenset({"country"}),
    "groups": frozenset({"name"}),
    "scopes": frozenset({"key", "body"}),
    "accesses": frozenset({"login"}),
    "sections": frozenset({"section", "audience"}),
    "directory": frozenset(
        {"number", "number_key", "kind", "status", "country", "login", "has", "lifecycle", "supply", "marks"}
    ),
    "timeline": frozenset({"kind", "verb", "actor", "paths", "visibility", "needs", "subject"}),
    "combinations": frozenset({"status", "kind", "country", "login", "supply", "has", "marks"}),
    "facet_counts": frozenset({"facet", "value", "status"}),
    "aggregates": frozenset({"entity", "subject"}),
    "generations": frozenset({"state"}),
    "arrivals": frozenset({"type", "subject", "kind", "verb", "visibility", "needs"}),
    "arrivals_waiting": frozenset({"type", "subject", "kind", "verb", "visibility", "needs"}),
    "owners": frozenset({"service"}),
}
