"""Which columns of text, of several texts or of JSON hold personal values; a test compares with the database.

Ending an account empties its own; what is replicated is replaced by the event that says that somebody was erased.
"""

from collections.abc import Mapping

PERSONAL: Mapping[str, frozenset[str]] = {
    "accounts": frozenset({"username", "display_name", "email"}),
    "sessions": frozenset({"user_agent", "address"}),
    "replica_customers": frozenset({"name"}),
}

PLAIN: Mapping[str, frozenset[str]] = {
    "accounts": frozenset({"kind", "status", "disabled_reason", "roles", "visibility"}),
    "credentials": frozenset({"password_hash"}),
    "second_factors": frozenset({"key_id"}),
    "links": frozenset({"purpose"}),
    "api_tokens": frozenset({"name", "scopes"}),
    "roles": frozenset({"code", "name", "permissions"}),
    "grants": frozenset({"roles", "visibility"}),
    "replica_customers": frozenset({"number", "status"}),
}
