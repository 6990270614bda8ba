"""P7: GET of one customer through the gateway, and straight at the service.

The same two processes of `customer` answer on both sides; through the gateway, two gateway processes stand in front,
one before each, so that chance does not decide who works for whom. All share the machine's cores with the load.
"""

import random
from collections.abc import Sequence
from functools import partial
from statistics import median

from bench import client, gateways, load, population, servers, tokens
from bench.ceilings import rows
from bench.harness import Goal, Round, Row, Sample, alternate, ratio
from bench.lines.customer_read import ASKED_FOR, CONNECTIONS, PROCESSES, bare_servers
from bench.plan import Plan
from bench.stack import Server, Stack

PER_SECOND = 50


def run(plan: Plan) -> list[Row]:
    """Throughput at 8 connections; latency at 50 requests/s, at one process."""
    ids = [one.id for one in population.customers(plan.few_customers)]
    asked_for = random.Random(1).sample(ids, ASKED_FOR)
    token = tokens.staff()
    with Stack() as stack:
        population.load(stack.database("customer").admin_url, plan.few_customers)
        services = [stack.start("customer", "api") for _ in range(PROCESSES)]
        identity = gateways.start_identity(stack)
        fronts = [gateways.start_gateway(stack, {"customer": one, "identity": identity}) for one in services]
        bare = bare_servers(stack, rows.database(plan.few_customers))
        straight = [load.get(f"/customers/{id_}", token) for id_ in asked_for]
        through = [load.get(f"/api/customers/{id_}", token) for id_ in asked_for]
        trees = {"service": services, "gateway": fronts}
        sides = {
            "ceiling": partial(_throughput, stack, services, straight, {"service": services}),
            "ours": partial(_throughput, stack, fronts, through, trees),
        }
        for side in sides.values():
            side(plan.warm_up)
        rounds = alternate({name: partial(side, plan.seconds) for name, side in sides.items()}, plan.pairs)
        slow = {
            "hello": partial(_latency, bare[0], [load.get("/hello")]),
            "straight": partial(_latency, services[0], straight),
            "through": partial(_latency, fronts[0], through),
        }
        for side in slow.values():
            side(plan.warm_up)
        calm = alternate({name: partial(side, plan.seconds) for name, side in slow.items()}, plan.pairs)
    what = f"GET one customer through the gateway ÷ straight, {PROCESSES} processes each, {CONNECTIONS} connections"
    return [ratio("P7", what, "rate", Goal(0.6), rounds, unit="req/s"), _added(calm)]


def _throughput(
    stack: Stack, asked: Sequence[Server], requests: Sequence[bytes], trees: dict[str, list[Server]], seconds: float
) -> Sample:
    meter = servers.meter({name: [server.pid for server in of_name] for name, of_name in trees.items()})
    ports = [server.port for server in asked]
    return load.closed_loop(stack.folder, ports, requests, connections=CONNECTIONS, seconds=seconds, meter=meter)


def _latency(server: Server, requests: Sequence[bytes], seconds: float) -> Sample:
    answers = client.at_rate(server.port, requests, PER_SECOND, seconds)
    return Sample({"p50": answers.percentile(50)}, errors=answers.errors)


def _added(rounds: Sequence[Round]) -> Row:
    """What the gateway adds, in units of a bare hello."""
    added = [each["through"].values["p50"] - each["straight"].values["p50"] for each in rounds]
    hello = [each["hello"].values["p50"] for each in rounds]
    straight = median(each["straight"].values["p50"] for each in rounds)
    return Row(
        line="P7",
        what=f"p50 that the gateway adds (to {straight:.1f} ms) ÷ p50 of hello JSON, {PER_SECOND} requests/s",
        unit="ms",
        per_round=[a / b for a, b in zip(added, hello, strict=True)],
        goal=Goal(2.5, at_most=True),
        ours=added,
        ceiling=hello,
        errors=sum(sample.errors for each in rounds for sample in each.values()),
    )
