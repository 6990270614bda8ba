"""P12: the same mix of reads and creates with few and with a hundred times as many customers, ours against ours."""

import random
from collections.abc import Sequence
from functools import partial

import orjson

from bench import gateways, load, population, servers, tokens
from bench.harness import Goal, Row, Sample, alternate, ratio
from bench.loading import load_overview
from bench.plan import Plan
from bench.population import Customer
from bench.stack import Server, Stack

CONNECTIONS = 8
# The mix of the overview's users, without the invoices that are not there yet: in shares of 85.
VIEWS, SEARCHES, CREATES = 50, 30, 5
PREPARED = 100  # rounds of the mix in one file of requests: more than are sent in one measurement
# Letters of a name that somebody types: so few that both sides answer with a full page. With four, the few customers
# fill a tenth of a page and the many all of it, and the line would compare the length of answers.
SEARCHED = 2


class Side:
    """One set of databases with its services, behind one gateway."""

    def __init__(self, stack: Stack, count: int) -> None:
        self._stack = stack
        self._count = count
        self._random = random.Random(count)
        self._token = tokens.staff()
        self._created = 0
        population.load(stack.database("customer").admin_url, count)
        load_overview(stack, count)
        self.services = {name: stack.start(name, "api") for name in ("customer", "overview")}
        self.gateway: Server = gateways.start_gateway(
            stack, {**self.services, "identity": gateways.start_identity(stack)}
        )

    def measure(self, seconds: float) -> Sample:
        """The mix in a closed loop."""
        trees = {"gateway": [self.gateway.pid], "services": [server.pid for server in self.services.values()]}
        return load.closed_loop(
            self._stack.folder,
            [self.gateway.port],
            self._mix(),
            connections=CONNECTIONS,
            seconds=seconds,
            meter=servers.meter(trees),
        )

    def _mix(self) -> Sequence[bytes]:
        requests: list[bytes] = []
        for _ in range(PREPARED):
            mixed = [self._view() for _ in range(VIEWS)]
            mixed += [self._search() for _ in range(SEARCHES)]
            mixed += [self._create() for _ in range(CREATES)]
            self._random.shuffle(mixed)
            requests += mixed
        return requests

    def _view(self) -> bytes:
        return load.get(f"/api/customers/{self._any().id}/overview", self._token)

    def _search(self) -> bytes:
        return load.get(f"/api/customers?limit=20&q={self._any().word[:SEARCHED]}", self._token)

    def _create(self) -> bytes:
        self._created += 1
        name = f"{self._any().word} Neugruendung {self._created}"
        content = {
            "name": name,
            "addresses": [{"purposes": [{"purpose": "billing"}], "line1": "Ring 1", "city": "Wien", "country": "AT"}],
            "contacts": [{"name": "Ada Neumann", "emails": [{"label": "work", "address": "ada@neu.example"}]}],
        }
        return load.prepared("POST", "/api/customers", token=self._token, body=orjson.dumps(content))

    def _any(self) -> Customer:
        return Customer(self._random.randrange(self._count))


def run(plan: Plan) -> list[Row]:
    """One process of each service and gateway per side; the other side's are idle."""
    with Stack() as few, Stack() as many:
        sides = {"ceiling": Side(few, plan.few_customers), "ours": Side(many, plan.many_customers)}
        for side in sides.values():
            side.measure(plan.warm_up)
        rounds = alternate({name: partial(side.measure, plan.seconds) for name, side in sides.items()}, plan.pairs)
    what = f"360° view, search, create (50:30:5) with {plan.many_customers:,} customers ÷ with {plan.few_customers:,}"
    return [ratio("P12", what, "rate", Goal(0.95), rounds, unit="req/s")]
