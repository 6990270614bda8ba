"""What the tables of a generation hold, in a form in which two generations can be compared."""

from typing import Any

from sqlalchemy import text

from common.service import Service

TABLES = (
    *(
        "customers",
        "contacts",
        "addresses",
        "groups",
        "scopes",
        "accesses",
        "records",
        "sections",
        "directory",
        "combinations",
        "terms",
    ),
    *("timeline", "facet_counts", "aggregates"),
)
SHARED = ("outbox", "inbox", "held", "owners", "arrivals", "arrivals_waiting")


def serving(service: Service) -> int:
    """The number of the generation that serves."""
    with service.db.transaction() as session:
        return int(session.execute(text("SELECT number FROM generations WHERE state = 'serving'")).scalar_one())


def contents(service: Service, generation: int | None = None) -> dict[str, list[Any]]:
    """Every row of every table, sorted. Counters that have come back to zero are as good as none, and so are
    combinations that no customer has any more."""
    schema = f"g{generation or serving(service)}"
    with service.db.transaction() as session:
        found = {
            name: sorted(session.execute(text(f"SELECT t::text FROM {schema}.{name} t")).scalars())  # noqa: S608
            for name in TABLES
            if name not in {"facet_counts", "combinations"}
        }
        in_use = f"(SELECT combination FROM {schema}.directory)"  # noqa: S608  # our own names
        used = text(f"SELECT t::text FROM {schema}.combinations t WHERE id IN {in_use}")  # noqa: S608
        found["combinations"] = sorted(session.execute(used).scalars())
        counts = text(f"SELECT t::text FROM {schema}.facet_counts t WHERE count <> 0")  # noqa: S608
        found["facet_counts"] = sorted(session.execute(counts).scalars())
    return found


def empty(service: Service) -> None:
    """Empties the generation that serves, and what all generations share."""
    schema = f"g{serving(service)}"
    with service.db.transaction() as session:
        for table in [*(f"{schema}.{name}" for name in TABLES), *SHARED]:
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our own names
