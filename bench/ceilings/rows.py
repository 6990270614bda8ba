"""The table behind the bare single-row application, filled with the benchmark's customers."""

import psycopg

from bench import servers
from bench.ceilings.web import SCHEMA
from bench.population import MOMENT, customers, vacuum


def database(count: int) -> str:
    """A new database with that many customers; returns its address."""
    url = servers.fresh_database("bench_row", SCHEMA)
    columns = "id, kind, number, status, name, version, created_at, updated_at"
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY customers ({columns}) FROM STDIN") as copy,
    ):
        for one in customers(count):
            copy.write_row((one.id, "business", one.number, "active", one.name, 1, MOMENT, MOMENT))
    vacuum(url)
    return url
