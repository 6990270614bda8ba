"""Fills the read models of `overview` with the benchmark's customers: through the projections, in large batches."""

import os
from collections.abc import Iterator
from itertools import islice

import psycopg

from bench.population import customers, vacuum
from bench.stack import Stack
from common import inbox
from common.envelope import Event

_BATCH = 1_000


def load_overview(stack: Stack, count: int) -> None:
    """What `overview` would hold after the events of that many new customers; nobody waits to be told of them."""
    from overview.bootstrap import build
    from overview.settings import Settings

    service = build(Settings.from_env(os.environ | stack.environment("overview")))
    for batch in _batches(count):
        inbox.apply(service, "overview", [(event, "interactive") for event in batch])
    service.db.dispose()
    url = stack.database("overview").admin_url
    with psycopg.connect(url) as connection:
        connection.execute("TRUNCATE arrivals_waiting")
    vacuum(url)


def _batches(count: int) -> Iterator[list[Event]]:
    events = (event for customer in customers(count) for event in customer.events())
    while batch := list(islice(events, _BATCH)):
        yield batch
