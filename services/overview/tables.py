"""The read models as queries see them: views of whichever generation serves. The migration makes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData()
_Id = Uuid(as_uuid=False)
_Moment = DateTime(timezone=True)
# Folded text is stored and compared byte by byte, so that a range of terms is a prefix in every locale.
_Bytewise = Text(collation="C")

customers = Table(
    "customers",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("removed", Boolean, nullable=False),
    Column("parent_id", _Id),
    Column("number", Text),
    Column("name", Text, nullable=False),
    Column("merged_into", _Id),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("customer_id", _Id, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("body", Text, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("customer_id", _Id, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("body", Text, nullable=False),
)

groups = Table(
    "groups",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", Text, nullable=False),
)

directory = Table(
    "directory",
    metadata,
    Column("customer_id", _Id, primary_key=True),
    Column("number", Text),
    Column("number_key", _Bytewise),
    Column("name", Text, nullable=False),
    Column("sort_name", _Bytewise, nullable=False),
    Column("dba_name", Text),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("parent_id", _Id),
    Column("group_id", _Id),
    Column("city", Text),
    Column("city_key", _Bytewise),
    Column("country", Text),
    Column("login", Text, nullable=False),
    Column("has", ARRAY(Text), nullable=False),
    Column("contact", Text),
    Column("created_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False),
)

terms = Table(
    "terms",
    metadata,
    Column("customer_id", _Id, nullable=False),
    Column("term", _Bytewise, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("field", SmallInteger, nullable=False),
    Column("source_id", _Id, nullable=False),
    Column("sort_name", _Bytewise, nullable=False),
)

timeline = Table(
    "timeline",
    metadata,
    Column("event_id", _Id, primary_key=True),
    Column("customer_id", _Id, primary_key=True),
    Column("occurred_at", _Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("paths", ARRAY(Text), nullable=False),
    Column("visibility", Text, nullable=False),
    Column("needs", ARRAY(Text), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("portal_body", Text),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("event_id", _Id, nullable=False),
    Column("customer_id", _Id),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("occurred_at", _Moment, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("needs", ARRAY(Text), nullable=False),
)

facet_counts = Table(
    "facet_counts",
    metadata,
    Column("facet", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("status", Text, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
