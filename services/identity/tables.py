"""The tables of this service."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData()

_ID = Uuid(as_uuid=False)
_MOMENT = DateTime(timezone=True)

accounts = Table(
    "accounts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("customer_id", _ID),
    Column("is_login", Boolean, nullable=False),
    Column("contact_id", _ID),
    Column("username", Text),
    Column("display_name", Text, nullable=False),
    Column("email", Text),
    Column("status", Text, nullable=False),
    Column("disabled_reason", Text),
    Column("archive_id", _ID),
    Column("roles", ARRAY(Text), nullable=False),
    Column("subtree", Boolean, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("last_sign_in_at", _MOMENT),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

credentials = Table(
    "credentials",
    metadata,
    Column("account_id", _ID, ForeignKey("accounts.id"), primary_key=True),
    Column("password_hash", Text, nullable=False),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("account_id", _ID, ForeignKey("accounts.id"), primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("confirmed_at", _MOMENT),
    Column("last_step", BigInteger, nullable=False),
    Column("recovery_hashes", ARRAY(LargeBinary), nullable=False),
)

# An ended session has no row. `sid` is what access tokens carry; it is renewed where they must stop before they expire.
sessions = Table(
    "sessions",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("account_id", _ID, ForeignKey("accounts.id"), nullable=False),
    Column("sid", _ID, nullable=False),
    Column("family_hash", LargeBinary, nullable=False),
    Column("current_hash", LargeBinary, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("last_used_at", _MOMENT, nullable=False),
    Column("authenticated_at", _MOMENT, nullable=False),
)

revocations = Table(
    "revocations",
    metadata,
    Column("sid", _ID, primary_key=True),
    Column("revoked_at", _MOMENT, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", _ID, ForeignKey("accounts.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
)

reset_requests = Table(
    "reset_requests",
    metadata,
    Column("username_hash", LargeBinary, primary_key=True),
    Column("account_id", _ID, ForeignKey("accounts.id")),
    Column("requested_at", _MOMENT, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", _MOMENT, nullable=False),
    Column("blocked_until", _MOMENT, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("account_id", _ID, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("sid", _ID, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary),
    Column("previous_until", _MOMENT),
    Column("expires_at", _MOMENT),
    Column("revoked_at", _MOMENT),
    Column("last_used_at", _MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
)

# Built-in roles live in the code; these are the provider's own.
roles = Table(
    "roles",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("version", BigInteger, nullable=False),
)

# `accepted_parent_id` is the parent from which roles may flow down to the customer: after a move it is another one's.
customer_access = Table(
    "customer_access",
    metadata,
    Column("customer_id", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("accepted_parent_id", _ID),
)

# Roles at a customer that is not the account's own; those at its own stand on the account. `merge_id` marks what a
# merge copied from a customer that was merged.
grants = Table(
    "grants",
    metadata,
    Column("customer_id", _ID, primary_key=True),
    Column("account_id", _ID, ForeignKey("accounts.id"), primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("subtree", Boolean, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("merge_id", _ID),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("updated_at", _MOMENT, nullable=False),
)

replica_customers = Table(
    "replica_customers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent_id", _ID),
    Column("status", Text, nullable=False),
    Column("archive_id", _ID),
)

replica_contacts = Table(
    "replica_contacts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("customer_id", _ID, nullable=False),
    Column("gone", Boolean, nullable=False),
)

# Where the logins of merged customers came from, by which an undone merge gives them back.
merged_accounts = Table(
    "merged_accounts",
    metadata,
    Column("merge_id", _ID, primary_key=True),
    Column("account_id", _ID, ForeignKey("accounts.id"), primary_key=True),
    Column("customer_id", _ID, nullable=False),
    Column("was_login", Boolean, nullable=False),
    Column("was_enabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
