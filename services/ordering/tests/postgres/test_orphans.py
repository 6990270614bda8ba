"""What has no other side is told to who operates the product, until the other side has answered."""

from threading import Event as Stop

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client, deliver
from ordering.jobs.orders import ORPHANS
from ordering.tests.ordered import company, confirmed, dispatched, do, draft, listing, reservation

pytestmark = pytest.mark.postgres


def orphan_ids(staff: Client) -> list[tuple[str, str]]:
    return [(item["kind"], item["order_id"]) for item in staff.get("/operations/orphans").json["items"]]


def age(service: Service) -> None:
    """Makes everything of this database eleven minutes older."""
    with service.db.transaction() as session:
        for statement in (
            "UPDATE replica_reservations SET received_at = received_at - interval '11 minutes'",
            "UPDATE orders SET updated_at = updated_at - interval '11 minutes'",
        ):
            session.execute(text(statement))


def counted(service: Service) -> list[float]:
    """What the reconciler tells of both kinds."""
    next(job for job in service.jobs if job.name == "reconciler").run(Stop())
    samples = {sample.labels["kind"]: sample.value for sample in ORPHANS.collect()[0].samples}
    return [samples["order_without_reservation"], samples["reservation_without_order"]]


def test_an_event_of_an_order_that_is_not_here_is_kept_and_reported(service: Service, staff: Client) -> None:
    order = draft(staff, company(service), (listing(service), 1))
    ghost = order | {"id": order["lines"][0]["id"], "number": "O-999999"}
    deliver(service, [reservation("made", ghost, 1), dispatched(ghost, 1)])
    assert orphan_ids(staff) == []
    age(service)
    assert orphan_ids(staff) == [("reservation_without_order", ghost["id"])]
    deliver(service, reservation("released", ghost, 2))
    assert orphan_ids(staff) == []


def test_orphans_are_told_until_the_other_side_has_answered(service: Service, staff: Client) -> None:
    waiting = confirmed(service, staff, company(service), (listing(service), 1))
    ended = do(staff, draft(staff, company(service), (listing(service), 1)), "submission")
    deliver(service, reservation("made", ended, 1))
    do(staff, ended, "decline", reason="x")
    fine = confirmed(service, staff, company(service), (listing(service), 1))
    deliver(service, reservation("allocated", fine, 2))
    services = draft(staff, company(service), (listing(service, kind="service"), 1))
    do(staff, do(staff, services, "submission"), "confirmation")
    age(service)
    both = [("order_without_reservation", waiting["id"]), ("reservation_without_order", ended["id"])]
    assert sorted(orphan_ids(staff)) == both
    assert counted(service) == [1, 1]
    deliver(service, reservation("allocated", waiting, 2))
    deliver(service, reservation("released", ended, 2))
    assert orphan_ids(staff) == []
    assert counted(service) == [0, 0]
