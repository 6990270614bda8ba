"""The settings that groups and customers can carry, and what each of them has decided."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from customer.tables.metadata import ID, MOMENT, metadata

setting_definitions = Table(
    "setting_definitions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("id", ID, nullable=False),
    Column("service", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("choices", JSONB, nullable=False),
    Column("minimum", Integer),
    Column("maximum", Integer),
    Column("default_value", JSONB),
    Column("tree_inheritable", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# One row per scope that has decided something: `own` holds what is present, so that 0, false and "" are values.
setting_scopes = Table(
    "setting_scopes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("group_id", ID),
    Column("customer_id", ID),
    Column("own", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
