"""What is offered, and the rules that add it to catalogues or take it from them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from ordering.tables.metadata import ID, MOMENT, metadata

listings = Table(
    "listings",
    metadata,
    Column("id", ID, primary_key=True),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("category", Text),
    Column("components", JSONB, nullable=False),
    Column("owner_id", ID),  # the customer that sells it; null is the provider
    Column("audience", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("backorder_policy", Text, nullable=False),
    Column("backorder_cap", Integer),
    Column("lead_days", Integer),
    Column("preorderable", Boolean, nullable=False),
    Column("available_from", Date),
    Column("preorder_from", Date),
    Column("preorder_until", Date),
    Column("return_days", Integer),
    Column("price_minor", BigInteger),  # what its owner asks for a unit; what the provider asks stands in price lists
    Column("price_currency", Text),
    Column("confirmation", Text, nullable=False),  # `owner` decides about orders of it, or they need nobody's word
    Column("words", Text, nullable=False),  # folded, for the search
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

catalogue_rules = Table(
    "catalogue_rules",
    metadata,
    Column("id", ID, primary_key=True),
    Column("effect", Text, nullable=False),
    Column("listing_id", ID),
    Column("category", Text),
    Column("target_kind", Text, nullable=False),
    Column("target_id", ID),
    Column("role", Text),
    Column("note", Text),
    Column("seller_id", ID),  # the owner of the listing, where that made the rule; null is the provider
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
)
