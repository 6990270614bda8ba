"""Services in use."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from ordering.tables.metadata import ID, MOMENT, metadata

services = Table(
    "services",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Text, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("status", Text, nullable=False),
    Column("order_id", ID),
    Column("order_number", Text),
    Column("order_line_id", ID),
    Column("move_id", ID),  # the moving in that started it
    Column("return_id", ID),  # the return of goods that ended it
    Column("listing_id", ID),  # null where a move names what no listing is called
    Column("sku", Text),
    Column("name", Text, nullable=False),
    Column("unit", Text),
    Column("quantity", BigInteger, nullable=False),
    Column("serial", Text),
    Column("property_id", ID),
    Column("property_label", Text),  # labels are those that were told with the id
    Column("org_unit_id", ID),
    Column("org_unit_label", Text),
    Column("person_id", ID),
    Column("person_label", Text),
    Column("cost_centre", Text),
    Column("currency", Text),
    Column("unit_price_minor", BigInteger),
    Column("price_source", JSONB(none_as_null=True)),
    Column("charges", JSONB, nullable=False),  # what recurs of its listing, as it was when it was ordered
    Column("started_on", Date),
    Column("ends_on", Date),  # the last day of its term; null is without end
    Column("renewal", Text, nullable=False),
    Column("term_months", Integer),
    Column("ended_on", Date),
    Column("wanted_on", Date),  # the day on which it should be fetched
    Column("reason", Text),
    Column("note", Text),
    Column("replaces_id", ID),
    Column("replaced_by_id", ID),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
