"""The read models of `overview` by themselves: events per second in, and how reads grow with the number of customers.

    python -m bench.directory [--small 10000] [--large 1000000] [--seconds 5]

Each kind of read is measured by turns on the small and the large set, through the service's own application, in one
process without a socket; growth is the large median time over the small one. `DIRECTORY_DATABASE_URL` names the
administrator of a PostgreSQL to use, and keeps what was loaded there for the next run.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import psycopg
from sqlalchemy import text

from bench.population import Customer, customers
from common.envelope import shard_of
from common.service import Service
from common.testing import Client, TestTokens, client_for
from common.testing.databases import Databases
from overview.bootstrap import build
from overview.consumers import PROJECTIONS
from overview.settings import Settings
from overview.use_cases.batch import collect

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

_BATCH = 600
_ROUNDS = 3


def _of(name: str) -> Callable[[random.Random, int], str]:
    """A value of some customer of the set."""
    return lambda chance, size: str(getattr(Customer(chance.randrange(size)), name))


def _reads() -> dict[str, Callable[[random.Random, int], str]]:
    def contact(chance: random.Random, size: int) -> str:
        return str(Customer(chance.randrange(size)).contact["name"])

    return {
        "360° document": lambda c, n: f"/customers/{_of('id')(c, n)}/overview",
        "list by name": lambda _c, _n: "/customers?limit=20",
        "list by number, descending": lambda _c, _n: "/customers?limit=20&sort=-number",
        "search 3 letters": lambda c, n: f"/customers?limit=20&q={_of('word')(c, n)[:3]}",
        "search a word": lambda c, n: f"/customers?limit=20&q={_of('word')(c, n)}",
        "search a number": lambda c, n: f"/customers?limit=20&q={_of('number')(c, n)}",
        "search two words": lambda c, n: f"/customers?limit=20&q={_of('name')(c, n).rpartition(' ')[0]}",
        "search a person": lambda c, n: f"/customers?limit=20&q={contact(c, n)}",
        "search word and city": lambda c, n: f"/customers?limit=20&q=GmbH {Customer(c.randrange(n)).address['city']}",
        "search by name": lambda c, n: f"/customers?limit=20&sort=name&q={_of('word')(c, n)[:3]}",
        "filter a city": lambda c, n: f"/customers?limit=20&filter=city:{Customer(c.randrange(n)).address['city']}",
        "facets": lambda _c, _n: "/customers/facets",
        "facets of a city": lambda c, n: f"/customers/facets?filter=city:{Customer(c.randrange(n)).address['city']}",
        "facets of a tag": lambda c, n: f"/customers/facets?filter=tag:{Customer(c.randrange(n)).tag}",
        "facets of a search": lambda c, n: f"/customers/facets?q={_of('word')(c, n)[:3]}",
        "filter a tag": lambda c, n: f"/customers?limit=20&filter=tag:{Customer(c.randrange(n)).tag}",
        "timeline": lambda c, n: f"/customers/{_of('id')(c, n)}/timeline",
    }


def main() -> None:
    """Loads both sets where they are not loaded yet, measures, and prints one line per kind of read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="per kind of read and set")
    parser.add_argument("--only", default="", help="kinds of read whose name holds this")
    asked = parser.parse_args()
    tokens = TestTokens()
    admin_url = os.environ.get("DIRECTORY_DATABASE_URL") or _own_server()
    sets = {size: _loaded(admin_url, size, tokens) for size in (asked.small, asked.large)}
    clients = {size: client_for(service, tokens.staff(["customers.view"])) for size, service in sets.items()}
    print(f"{'':28}{'p50 ms':>18}{'p95 ms':>20}{'growth p50':>13}{'p95':>8}")
    for name, path in _reads().items():
        if asked.only in name:
            _report(name, path, clients, asked.seconds)


def _report(name: str, path: Callable[[random.Random, int], str], clients: dict[int, Client], seconds: float) -> None:
    times: dict[int, list[float]] = {size: [] for size in clients}
    for turn in range(-1, _ROUNDS):
        for size, client in clients.items():
            measured = _measure(client, path, size, seconds / _ROUNDS, seed=turn)
            if turn >= 0:  # the first turn only warms up
                times[size] += measured
    (small_50, small_95), (large_50, large_95) = (
        (statistics.median(of_size), statistics.quantiles(of_size, n=20)[18]) for of_size in times.values()
    )
    print(
        f"{name:28}{small_50:8.2f} → {large_50:7.2f}{small_95:9.2f} → {large_95:8.2f}"
        f"{large_50 / small_50:13.2f}{large_95 / small_95:8.2f}"
    )


def _measure(
    client: Client, path: Callable[[random.Random, int], str], size: int, seconds: float, seed: int
) -> list[float]:
    chance = random.Random(seed)
    found = []
    until = time.perf_counter() + seconds
    while (started := time.perf_counter()) < until:
        answer = client.get(path(chance, size))
        found.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, answer.text
    return found


def _loaded(admin_url: str, size: int, tokens: TestTokens) -> Service:
    name = f"bench_directory_{size}"
    database = Databases(admin_url)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        there = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not there:
            made = database.of("overview")
            admin.execute(f"ALTER DATABASE {made.name} RENAME TO {name}")
    service = _service(database._named("overview", name).app_url, tokens.public_key)
    if not there:
        _load(service.db.url.render_as_string(hide_password=False), size)
        with service.db.transaction() as session:
            session.execute(text("DELETE FROM arrivals_waiting"))
        with psycopg.connect(_named_url(admin_url, name), autocommit=True) as admin:
            admin.execute("VACUUM ANALYZE")
    return service


def _service(url: str, public_key: str) -> Service:
    return build(Settings(database_url=url, identity_public_key=public_key))


def _load(url: str, size: int) -> None:
    """By as many processes as there are cores."""
    count = os.cpu_count() or 1
    started = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_load_share, args=(url, size, number, count)) for number in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise RuntimeError("a process that loads customers has failed; its message is above")
    seconds = time.perf_counter() - started
    print(f"{size:,} customers: {3 * size / seconds:,.0f} events/s by {count} processes, in {seconds:,.0f} s")


def _load_share(url: str, size: int, number: int, count: int) -> None:
    """In large batches and past the inbox: how fast events come in is measured elsewhere. Each process has shards of
    its own, as workers have, so that they do not wait for each other's counters."""
    service = _service(url, TestTokens().public_key)
    mine = (one for one in customers(size) if shard_of(one.id) % count == number)
    given = (event for one in mine for event in one.events(classified=True))
    started, done = time.perf_counter(), 0
    while batch := list(islice(given, _BATCH)):
        with service.db.transaction() as session:
            for event in batch:
                collect(session, None, event, PROJECTIONS[event.type](event), lambda: None)
        done += len(batch)
        if done % (100 * _BATCH) == 0:
            print(f"{done:10,} events, {done / (time.perf_counter() - started):7,.0f}/s", file=sys.stderr)


def _own_server() -> str:
    from support.postgres import Server

    return Server(settings={"shared_buffers": "512MB"}).url


def _named_url(admin_url: str, name: str) -> str:
    from common.provision import with_database

    return with_database(admin_url, database=name)


if __name__ == "__main__":
    main()
