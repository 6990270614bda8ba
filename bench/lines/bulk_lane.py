"""The bulk lane: how long a person's edit takes to show in the overview while a mass change is on its way."""

from functools import partial

import psycopg

from bench import population
from bench.edits import Editors
from bench.harness import Goal, Row, Sample, alternate, ratio
from bench.loading import load_overview
from bench.ours import BULK, Pipeline, customer_events, fill
from bench.plan import Plan
from bench.stack import Stack

PER_SECOND = 20
_LEFT = "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND lane = 1"
# Those that the relay is marking in this moment have been sent; to wait for them could make it wait in turn.
_FORGET = f"""
    DELETE FROM outbox WHERE seq IN (
        SELECT seq FROM outbox WHERE sent_at IS NULL AND lane = {BULK} FOR UPDATE SKIP LOCKED)
"""  # noqa: S608


def run(plan: Plan) -> list[Row]:
    """Edits of some customers at 20/s, by turns without and with `bulk_events` events of others unsent."""
    edits = round(PER_SECOND * (2 * plan.paced_seconds * plan.pairs + plan.warm_up))
    with Stack(["overview"]) as stack:
        population.load(stack.database("customer").admin_url, edits)
        load_overview(stack, edits)
        api = stack.start("customer", "api")
        pipeline = Pipeline(stack, "overview")
        editors = Editors(api, pipeline)
        editors.at_rate(PER_SECOND, plan.warm_up)
        sides = {
            "ceiling": partial(_edits, editors, plan),
            "ours": partial(_with_bulk, editors, pipeline, plan),
        }
        rounds = alternate(sides, plan.pairs)
    what = f"an edit visible in the overview, with {plan.bulk_events:,} events in the bulk lane ÷ without"
    rows = [ratio("bulk", f"{name}, {what}", name, Goal(2, at_most=True), rounds, unit="ms") for name in ("p99", "p50")]
    passed = [each["ours"].values["passed"] for each in rounds]
    print(f"bulk: {min(passed):,.0f} to {max(passed):,.0f} bulk events/s passed meanwhile")
    return rows


def _edits(editors: Editors, plan: Plan) -> Sample:
    found = editors.at_rate(PER_SECOND, plan.paced_seconds)
    return Sample({"p50": found.percentile(50), "p99": found.percentile(99)}, errors=found.missing)


def _with_bulk(editors: Editors, pipeline: Pipeline, plan: Plan) -> Sample:
    fill(pipeline.producer_url, customer_events(plan.bulk_events), BULK)
    sample = _edits(editors, plan)
    with psycopg.connect(pipeline.producer_url) as connection:
        row = connection.execute(_LEFT).fetchone()
        left = int(row[0]) if row else 0
        connection.execute(_FORGET)
    if not left:
        raise RuntimeError("the mass change ended before the edits did; its effect was measured in part only")
    passed = (plan.bulk_events - left) / plan.paced_seconds
    pipeline.wait_until_quiet()
    return Sample({**sample.values, "passed": passed}, errors=sample.errors)
