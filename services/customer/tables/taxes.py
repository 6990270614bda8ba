"""Tax ids of customers, and their exemption and resale certificates."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from customer.tables.metadata import ID, MOMENT, metadata

tax_ids = Table(
    "tax_ids",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("country", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("check_state", Text, nullable=False),
    Column("checked_at", MOMENT),
    Column("check_evidence", Text),
    Column("last_valid_at", MOMENT),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

exemptions = Table(
    "exemptions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("jurisdictions", ARRAY(Text), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("file_id", ID),
    Column("verified_by", Text),
    Column("verified_label", Text),
    Column("verified_at", MOMENT),
    Column("reminded", Integer),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
