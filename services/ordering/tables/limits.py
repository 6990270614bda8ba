"""Purchase limits, and the ledger of what orders have taken of them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Numeric, Table, Text

from ordering.tables.metadata import ID, MOMENT, metadata

purchase_limits = Table(
    "purchase_limits",
    metadata,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("account_id", ID),
    Column("role", Text),
    Column("cost_centre", Text),
    Column("kind", Text, nullable=False),
    Column("period", Text),
    Column("zone", Text, nullable=False),
    Column("amount_minor", BigInteger),  # null is unlimited, 0 allows nothing
    Column("currency", Text),
    Column("quantity", BigInteger),
    Column("sku", Text),  # of a limit of quantities; null is each
    Column("basis", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("gives_back", Boolean, nullable=False),  # whether what comes back may be ordered again
    Column("near_percent", Integer),  # from which part on it is told that little is left; null is never
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("version", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

# What is used of a limit in a period: reserved and committed together. One statement adds to it, or refuses.
limit_buckets = Table(
    "limit_buckets",
    metadata,
    Column("limit_id", ID, primary_key=True),
    Column("bucket", Text, primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("customer_id", ID, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("ceiling", BigInteger),
    Column("strict", Boolean, nullable=False),
    Column("near_told", Boolean, nullable=False),
)

limit_commitments = Table(
    "limit_commitments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("limit_id", ID, nullable=False),
    Column("customer_id", ID, nullable=False),  # of the limit
    Column("order_id", ID, nullable=False),
    Column("bucket", Text, nullable=False),
    Column("period_start", Date),  # null where nothing adds up
    Column("amount", BigInteger, nullable=False),
    Column("given_back", BigInteger, nullable=False),
    Column("order_minor", BigInteger),  # the same in the order's currency
    Column("back_minor", BigInteger, nullable=False),  # what was given up or came back of that
    Column("gives_back", Boolean, nullable=False),  # as the limit said
    Column("cost_centre", Text),  # to which alone it refers
    Column("rate", Numeric),
    Column("rate_on", Date),
    Column("rate_source", Text),
    Column("action", Text, nullable=False),
    Column("exceeded", Boolean, nullable=False),
    Column("reason", Text),
    Column("state", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

exchange_rates = Table(
    "exchange_rates",
    metadata,
    Column("base", Text, primary_key=True),
    Column("quote", Text, primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("rate", Numeric, nullable=False),
    Column("source", Text, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)
