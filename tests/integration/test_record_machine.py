"""The customer record under random work: sequences of 2,000 steps, after each of which everything agrees."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import text

from common import inbox
from common.envelope import Event, decode
from common.service import Service
from common.testing import Client, Figure, TestDatabase, TestTokens, client_for
from customer.bootstrap import build as build_customer
from customer.settings import Settings as CustomerSettings
from overview.bootstrap import build as build_overview
from overview.settings import Settings as OverviewSettings
from record import truths
from record.work import Worker

SEQUENCES, STEPS = 24, 2_000
# One draw of Hypothesis makes a burst of steps: a sequence of that many draws is longer than it can hold.
BURST = 8

PERMISSIONS = (
    *("customers.view", "customers.edit", "customers.archive", "customers.delete", "groups.manage", "schema.manage"),
)


@dataclass
class Rig:
    """The two services that hold and show the record, and what has passed from one to the other."""

    customer: Service
    overview: Service
    client: Client
    passed: int = 0

    def empty(self) -> None:
        """Forgets everything but the definitions that came with the migrations."""
        with self.customer.db.transaction() as session:
            for table in (
                "customer_links",
                "moves",
                "assignments",
                "properties",
                "customers",
                "customer_groups",
                "outbox",
            ):
                session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our own names
        with self.overview.db.transaction() as session:
            serving = session.execute(text("SELECT number FROM generations WHERE state = 'serving'")).scalar_one()
            tables = session.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"), {"schema": f"g{serving}"}
            ).scalars()
            for table in [*(f"g{serving}.{name}" for name in tables), "inbox", "arrivals_waiting"]:
                session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our own names

    def pass_on(self) -> None:
        """Lets what was published since the last time take effect, in the order in which it was."""
        with self.customer.db.transaction() as session:
            fresh = session.execute(
                text("SELECT seq, body FROM outbox WHERE seq > :passed ORDER BY seq"), {"passed": self.passed}
            ).all()
        for start in range(0, len(fresh), inbox.BATCH):
            batch = [decode(row.body.encode()) for row in fresh[start : start + inbox.BATCH]]
            inbox.apply(self.overview, "overview", [(event, "interactive") for event in batch])
        if fresh:
            self.passed = fresh[-1].seq

    def log(self) -> list[Event]:
        """All that was published."""
        return [decode(body.encode()) for (body,) in truths.rows(self.customer.db, "SELECT body FROM outbox")]

    def check_all(self) -> None:
        """Everything that must hold at the end of a sequence."""
        self.pass_on()
        truths.check_invariants(self.customer.db)
        assert truths.rows(self.overview.db, "SELECT type, error FROM held") == []
        truths.check_directory(self.customer.db, self.overview.db)
        truths.check_timeline(self.overview.db, self.log())
        truths.check_links(
            self.client, [row[0] for row in truths.rows(self.customer.db, "SELECT id::text FROM customers")]
        )


@pytest.fixture(scope="module")
def rig(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Rig]:
    customer = build_customer(
        CustomerSettings(database_url=service_database("customer").app_url, identity_public_key=tokens.public_key)
    )
    overview = build_overview(
        OverviewSettings(database_url=service_database("overview").app_url, identity_public_key=tokens.public_key)
    )
    yield Rig(customer, overview, client_for(customer, tokens.staff(PERMISSIONS, exp=int(time.time()) + 86_400)))
    customer.db.dispose()
    overview.db.dispose()


@pytest.mark.slow
def test_everything_agrees_after_any_sequence_of_work(rig: Rig, figure: Figure) -> None:
    done: list[int] = []  # of each whole sequence, the steps that were carried out

    class Record(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            rig.empty()
            self.worker = Worker(rig.client)
            self.steps = 0

        @rule(seed=st.integers(0, 2**16 - 1))
        def work(self, seed: int) -> None:
            if len(done) == SEQUENCES:
                return
            self.worker.steps(seed, BURST)
            self.steps += BURST
            truths.check_invariants(rig.customer.db)
            if seed % 3 == 0:
                rig.pass_on()

        def teardown(self) -> None:
            rig.check_all()
            if self.steps == STEPS and self.worker.carried_out > STEPS // 4:
                done.append(self.worker.carried_out)

    run_state_machine_as_test(
        Record,
        settings=settings(
            # Hypothesis begins with the simplest sequences there are, in which hardly anything happens, and returns to
            # such now and then. Those after the last whole one do nothing.
            max_examples=2 * SEQUENCES,
            stateful_step_count=STEPS // BURST,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # to shrink sequences of this length takes longer than to read what failed
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(done) == SEQUENCES
    told = f"{len(done)}, with {min(done):,} to {max(done):,} of the steps carried out and the others refused"
    figure(f"sequences of {STEPS:,} steps after which everything agrees", told)
