"""P6: GET of one customer straight at the service, and of one row from a bare Flask + SQLAlchemy application."""

import random
from functools import partial

from bench import load, population, servers, tokens
from bench.ceilings import rows
from bench.harness import Goal, Row, Sample, alternate, ratio, typical_cpu
from bench.plan import Plan
from bench.processes import Meter, Process
from bench.stack import Stack
from support import run as ports_of

PROCESSES = 2
CONNECTIONS = 8
ASKED_FOR = 500


def run(plan: Plan) -> list[Row]:
    """Two gunicorn processes each; ours with everything that a request goes through in production."""
    ids = [one.id for one in population.customers(plan.few_customers)]
    asked_for = random.Random(1).sample(ids, ASKED_FOR)
    with Stack() as stack:
        population.load(stack.database("customer").admin_url, plan.few_customers)
        ours = [stack.serve("customer") for _ in range(PROCESSES)]
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


def bare_servers(stack: Stack, database_url: str) -> list[tuple[Process, int]]:
    """The bare application in as many processes, each on its port."""
    started = []
    for port in ports_of.free_ports(PROCESSES):
        process = stack.run_program(f"bare-{port}", ["bench.ceilings.web", str(port), database_url])
        process.wait_for_port(port)
        started.append((process, port))
    return started


def measure(stack: Stack, started: list[tuple[Process, int]], requests: list[bytes], seconds: float) -> Sample:
    """One closed-loop measurement of a side."""
    postgres = servers.postgres_pid()
    trees = {"gunicorn": [process.pid for process, _ in started]}
    meter = Meter(trees | ({"PostgreSQL": [postgres]} if postgres else {}))
    ports = [port for _, port in started]
    return load.closed_loop(stack.folder, ports, requests, connections=CONNECTIONS, seconds=seconds, meter=meter)
