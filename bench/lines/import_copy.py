"""import: customers with contacts and addresses from a CSV file, beside a plain COPY of the very same rows."""

import csv
import io
import json
import time
from collections.abc import Mapping
from functools import partial
from itertools import count, islice

import psycopg

from bench.harness import Goal, Row, Sample, alternate, ratio
from bench.plan import Plan
from bench.population import Customer
from bench.processes import Process
from bench.stack import Stack

HEADINGS = ("number", "name", "contact_name", "contact_email", "contact_phone", "address", "city", "zip", "country")
# What an import writes of the record itself; events and keys of duplicates come on top on our side only.
TABLES = ("customers", "contacts", "addresses")
_EMPTY = (
    "TRUNCATE customers, contacts, addresses, external_ids, duplicate_keys, duplicate_pairs, duplicate_checks, imports,"
    " import_keys, import_parts, rejected_rows, outbox CASCADE"
)
_SMALL_SHARE = 10


class Importer:
    """The import of a file by a process of its own, and the COPY of what it wrote."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._url = stack.database("customer").admin_url
        self._numbers = count(1)
        self._dumps: dict[str, bytes] = {}
        self.peaks: list[float] = []

    def ours(self, rows: int) -> Sample:
        """Imports a file of that many rows into empty tables."""
        self._empty()
        self._upload(rows)
        told = self._run()
        with psycopg.connect(self._url) as connection:
            stored = [_one(connection, f"SELECT count(*) FROM {table}") for table in TABLES]  # noqa: S608
            events = _one(connection, "SELECT count(*) FROM outbox WHERE type <> 'customer.import.finished.v1'")
        errors = sum(abs(rows - number) for number in stored) + abs(3 * rows - events)
        self.peaks.append(told["peak_kib"] / 1024)
        cpu = {"import": 1000 * told["cpu"] / rows}
        return Sample({"rate": rows / told["seconds"], "peak": told["peak_kib"] / 1024}, errors=errors, cpu_ms=cpu)

    def keep_rows(self) -> None:
        """Remembers the rows that are stored now, as COPY takes them."""
        with psycopg.connect(self._url) as connection, connection.cursor() as cursor:
            for table in TABLES:
                with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                    self._dumps[table] = b"".join(bytes(part) for part in copy)

    def ceiling(self, rows: int) -> Sample:
        """The same rows into the same empty tables, with all their indexes and rules, in one transaction."""
        self._empty()
        with psycopg.connect(self._url) as connection, connection.cursor() as cursor:
            begun = time.monotonic()
            for table in TABLES:
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(self._dumps[table])
            connection.commit()
            took = time.monotonic() - begun
        return Sample({"rate": rows / took})

    def _empty(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(_EMPTY)
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def _upload(self, rows: int) -> None:
        """Takes the file in as the API does."""
        from common.importing.accept import start_import
        from customer.bootstrap import build
        from customer.domain.numbers import Numbering
        from customer.settings import Settings
        from customer.use_cases.imports.kinds import of_customers

        service = build(Settings.from_env(self._stack.environment("customer")))
        options = {"type": "customers", "mode": "upsert", "match": "number", "mapping": None, "dry_run": False}
        file = io.BytesIO(_file(rows))
        service.db.run(
            lambda session: start_import(
                session,
                of_customers(Numbering()),
                file,
                "bench.csv",
                options,
                requested_by="bench",
                label="Bench",
                max_bytes=1 << 30,
            )
        )
        service.db.dispose()

    def _run(self) -> Mapping[str, float]:
        name = f"import-{next(self._numbers)}"
        process = Process(self._stack.folder, name, ["bench.importing"], self._stack.environment("customer"))
        process.wait()
        told: Mapping[str, float] = json.loads(process.log.read_text().splitlines()[-1])
        return told


def run(plan: Plan) -> list[Row]:
    """Ours and COPY by turns; and the memory of a small file beside that of the whole."""
    rows = plan.imported_rows
    with Stack() as stack:
        importer = Importer(stack)
        small = importer.ours(rows // _SMALL_SHARE)
        importer.ours(rows)
        importer.keep_rows()
        sides = {"ceiling": partial(importer.ceiling, rows), "ours": partial(importer.ours, rows)}
        rounds = alternate(sides, plan.pairs)
    print(f"import: peak memory {max(importer.peaks):.0f} MiB with {rows:,} rows")
    flat = [{"ours": each["ours"], "ceiling": small} for each in rounds]
    what = f"{rows:,} customers with contact and address from CSV ÷ COPY of the same rows"
    return [
        ratio("import", what, "rate", Goal(0.1), rounds, unit="rows/s"),
        ratio(
            "import",
            f"peak memory of the importing process: {rows:,} rows ÷ {rows // _SMALL_SHARE:,}",
            "peak",
            Goal(1.25, at_most=True),
            flat,
            unit="MiB",
        ),
    ]


def _file(rows: int) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for one in map(Customer, islice(count(), rows)):
        person, place = one.contact, one.address
        email, phone = person["emails"][0]["address"], person["phones"][0]["number"]
        where = (place["line1"], place["city"], place["postal_code"], place["country"])
        writer.writerow((one.number, one.name, person["name"], email, phone, *where))
    return text.getvalue().encode()


def _one(connection: "psycopg.Connection[tuple[object, ...]]", statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    return int(str(row[0])) if row else 0
