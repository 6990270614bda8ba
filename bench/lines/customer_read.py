"""P6: GET of one customer straight at the service, and of one row from a bare Flask + SQLAlchemy application."""

import random
from collections.abc import Sequence
from functools import partial

from bench import load, population, servers, tokens
from bench.ceilings import rows
from bench.harness import Goal, Row, Sample, alternate, ratio, typical_cpu
from bench.plan import Plan
from bench.stack import Server, Stack

PROCESSES = 2
CONNECTIONS = 8
ASKED_FOR = 500


def run(plan: Plan) -> list[Row]:
    """Two gunicorn processes each; ours with everything that a request goes through in production."""
    ids = [one.id for one in population.customers(plan.few_customers)]
    asked_for = random.Random(1).sample(ids, ASKED_FOR)
    with Stack() as stack:
        population.load(stack.database("customer").admin_url, plan.few_customers)
        ours = [stack.start("customer", "api") for _ in range(PROCESSES)]
        bare = bare_servers(stack, rows.database(plan.few_customers))
        token = tokens.staff()
        sides = {
            "ceiling": partial(measure, stack, bare, [load.get(f"/customers/{id_}") for id_ in asked_for]),
            "ours": partial(measure, stack, ours, [load.get(f"/customers/{id_}", token) for id_ in asked_for]),
        }
        for side in sides.values():
            side(plan.warm_up)
        rounds = alternate({name: partial(side, plan.seconds) for name, side in sides.items()}, plan.pairs)
    what = (
        f"GET one customer ÷ bare gunicorn + Flask + SQLAlchemy row, {PROCESSES} processes, {CONNECTIONS} connections"
    )
    throughput = ratio("P6", what, "rate", Goal(0.6), rounds, unit="req/s")
    cpu = Row(
        line="P6",
        what="CPU of our gunicorn processes per request",
        unit="ms",
        per_round=[each["ours"].cpu_ms["gunicorn"] for each in rounds],
        goal=Goal(1.8, at_most=True),
        ours=[typical_cpu(rounds, "ours")["gunicorn"]],
        ceiling=[each["ceiling"].cpu_ms["gunicorn"] for each in rounds],
        errors=throughput.errors,
    )
    return [throughput, cpu]


def bare_servers(stack: Stack, database_url: str) -> list[Server]:
    """The bare application in as many processes, each on its port."""
    return [stack.run_server("bare", ["bench.ceilings.web", database_url]) for _ in range(PROCESSES)]


def measure(stack: Stack, started: Sequence[Server], requests: Sequence[bytes], seconds: float) -> Sample:
    """One closed-loop measurement of a side."""
    meter = servers.meter({"gunicorn": [server.pid for server in started]})
    ports = [server.port for server in started]
    return load.closed_loop(stack.folder, ports, requests, connections=CONNECTIONS, seconds=seconds, meter=meter)
