"""orders: from an order's submission to its confirmation with stock reserved, beside the hand-written minimum."""

from functools import partial

from bench import minimum
from bench.harness import Row, Sample, alternate, ratio
from bench.orders import LINES, SERVICES, Shop
from bench.plan import Plan
from bench.stack import Stack

PER_SECOND = 20


def run(plan: Plan) -> list[Row]:
    """As many orders as it takes, and 20/s; the minimum carries one event where an order needs two, there and back."""
    with Stack(SERVICES) as stack, minimum.running(stack) as least:
        shop = Shop(stack)
        fast = {
            "ceiling": partial(least.drain, plan.backlog),
            "ours": partial(shop.at_once, plan.orders),
        }
        shop.at_once(plan.orders // 4)
        least.drain(plan.backlog // 4)
        rates = alternate(fast, plan.pairs)
        steady = {
            "ceiling": partial(_raw, least, plan.paced_seconds),
            "ours": partial(shop.at_rate, PER_SECOND, plan.paced_seconds),
        }
        shop.at_rate(PER_SECOND, plan.warm_up)
        _raw(least, plan.warm_up)
        times = alternate(steady, plan.pairs)
        shop.close()
    what = f"orders of {LINES} lines, submitted over HTTP to confirmed with stock reserved"
    rows = [ratio("orders", f"{what} ÷ events of the hand-written minimum", "rate", None, rates, unit="/s")]
    return rows + [
        ratio(
            "orders",
            f"{name}, the same at {PER_SECOND}/s ÷ commit to effect in the minimum",
            name,
            None,
            times,
            unit="ms",
        )
        for name in ("p50", "p95")
    ]


def _raw(least: minimum.Minimum, seconds: float) -> Sample:
    meter = least.meter()
    meter.start()
    found = least.write_at_rate(PER_SECOND, seconds)
    values = {f"p{percent}": found.percentile(percent) for percent in (50, 95)}
    return Sample(values, errors=found.missing, cpu_ms=meter.per_operation(PER_SECOND * seconds))
