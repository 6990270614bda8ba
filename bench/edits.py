"""People's edits of customers over HTTP at a fixed rate, and how long each takes to show in the overview."""

from collections.abc import Callable

import orjson

from bench import load, tokens
from bench.client import Connection
from bench.commits import Latencies, latencies
from bench.ours import Pipeline
from bench.pacing import paced
from bench.population import Customer
from bench.stack import Server

# An edit leaves its transaction on the row of the customer, which nobody touches again.
_WRITTEN = """
    SELECT outbox.id::text, customers.xmin FROM customers
    JOIN outbox ON outbox.subject = customers.id::text AND outbox.version = customers.version
    WHERE customers.version = 2 AND customers.number BETWEEN '{first}' AND '{last}'
"""
_SEEN = "SELECT event_id::text, xmin FROM inbox WHERE consumer = 'overview' AND received_at > now() - interval '1 hour'"


class Editors:
    """Renames customers that the benchmark has loaded, each of them once."""

    def __init__(self, api: Server, pipeline: Pipeline) -> None:
        self._api = api
        self._pipeline = pipeline
        self._next = 0
        self._token = tokens.staff()

    def at_rate(self, per_second: float, seconds: float, threads: int = 8) -> Latencies:
        """Edits at a fixed rate; the times from the commit of each to the commit of its effect."""
        first = self._next
        count = paced(per_second, seconds, threads, lambda: self._editor(first))
        self._next += count
        written = _WRITTEN.format(first=Customer(first).number, last=Customer(first + count - 1).number)
        return latencies((self._pipeline.producer_url, written), (self._pipeline.consumer_url, _SEEN), count)

    def _editor(self, first: int) -> Callable[[int], None]:
        connection = Connection(self._api.port)

        def edit(number: int) -> None:
            customer = Customer(first + number)
            request = load.prepared(
                "PATCH",
                f"/customers/{customer.id}",
                token=self._token,
                body=orjson.dumps({"name": f"{customer.name} & Co"}),
                headers=[("If-Match", '"v1"')],
            )
            status, _, body = connection.send(request)
            if status != 200:
                raise RuntimeError(f"an edit was answered {status}: {body.decode()}")

        return edit
