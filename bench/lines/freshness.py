"""P10: from the commit of a business write to its effect in the overview, and in the hand-written minimum."""

from collections.abc import Callable
from functools import partial

from bench import minimum, ours, population
from bench.commits import Latencies
from bench.edits import Editors
from bench.harness import Goal, Row, Sample, alternate, ratio
from bench.loading import load_overview
from bench.plan import Plan
from bench.processes import Meter
from bench.stack import Stack

PER_SECOND = 100


def run(plan: Plan) -> list[Row]:
    """100 writes/s for a minute: ours are edits over HTTP, those of the minimum straight into its database."""
    writes = round(PER_SECOND * (plan.paced_seconds * plan.pairs + plan.warm_up))
    with Stack(["overview"]) as stack, minimum.running(stack) as least:
        population.load(stack.database("customer").admin_url, writes)
        load_overview(stack, writes)
        api = stack.start("customer", "api")
        pipeline = ours.Pipeline(stack, "overview")
        editors = Editors(api, pipeline)
        sides = {
            "ceiling": partial(_measure, least.write_at_rate, least.meter()),
            "ours": partial(_measure, editors.at_rate, pipeline.meter()),
        }
        for side in sides.values():
            side(plan.warm_up)
        rounds = alternate({name: partial(side, plan.paced_seconds) for name, side in sides.items()}, plan.pairs)
    what = f"commit to visible in the overview ÷ hand-written minimum, {PER_SECOND}/s for {plan.paced_seconds:g} s"
    return [ratio("P10", f"{name}, {what}", name, Goal(2, at_most=True), rounds, unit="ms") for name in ("p50", "p99")]


def _measure(write: Callable[[float, float], Latencies], meter: Meter, seconds: float) -> Sample:
    meter.start()
    found = write(PER_SECOND, seconds)
    values = {"p50": found.percentile(50), "p99": found.percentile(99)}
    return Sample(values, errors=found.missing, cpu_ms=meter.per_operation(PER_SECOND * seconds))
