"""P12: the drain of our outbox when it has sent nothing before, and when it has sent a million events."""

from functools import partial

from bench import ours, servers
from bench.harness import Goal, Row, Sample, alternate, ratio
from bench.lines.drain import CONSUMER
from bench.plan import Plan
from bench.stack import Stack


def run(plan: Plan) -> list[Row]:
    """Two sets of databases, of which one at a time has its workers running, on the same broker."""
    with Stack([CONSUMER]) as empty, Stack([CONSUMER]) as full:
        ours.fill_as_sent(full.database("customer").admin_url, plan.sent_rows)
        sides = {"ceiling": partial(_drained, empty, plan, cleared=True), "ours": partial(_drained, full, plan)}
        rounds = alternate(sides, plan.pairs)
    what = f"drain of {plan.backlog:,} events with {plan.sent_rows:,} already sent ÷ with none"
    return [ratio("P12", what, "rate", Goal(0.95), rounds, unit="events/s")]


def _drained(stack: Stack, plan: Plan, *, cleared: bool = False) -> Sample:
    pipeline = ours.Pipeline(stack, CONSUMER)
    pipeline.drain(plan.backlog // 4)
    if cleared:
        servers.execute(pipeline.producer_url, "TRUNCATE outbox")
    sample = pipeline.drain(plan.backlog)
    pipeline.stop()
    return sample
