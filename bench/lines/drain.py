"""P9: a backlog of events of 1 KiB through our relay and one of our consumers, and through the hand-written minimum."""

from functools import partial

from bench import minimum, ours
from bench.harness import Goal, Row, alternate, ratio
from bench.plan import Plan
from bench.stack import Stack

CONSUMER = "portal-settings"


def run(plan: Plan) -> list[Row]:
    """Relay of `customer` and consumer of `portal-settings`, a worker process each, as the minimum has."""
    with Stack([CONSUMER]) as stack, minimum.running(stack) as least:
        pipeline = ours.Pipeline(stack, CONSUMER)
        sides = {"ceiling": least.drain, "ours": pipeline.drain}
        for drain in sides.values():
            drain(plan.backlog // 4)
        rounds = alternate({name: partial(drain, plan.backlog) for name, drain in sides.items()}, plan.pairs)
    return [
        ratio(
            "P9",
            f"drain of {plan.backlog:,} events: relay + consumer ÷ hand-written psycopg + pika, batches of 50",
            "rate",
            Goal(0.5),
            rounds,
            unit="events/s",
        )
    ]
