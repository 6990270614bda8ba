"""Services in use over HTTP: begun by orders and moves, returned, replaced, lost, renewed and ended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.jobs.calendar import Calendar
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import (
    company,
    confirmed,
    dispatched,
    do,
    draft,
    listing,
    read,
    reservation,
    set_components,
    switch,
)
from ordering.tests.told import customer, example

pytestmark = pytest.mark.postgres

Buyer = Callable[[str], Client]
SERVICES = "/services"
LINE = [{"kind": "recurring", "name": "Line", "quantity": 1, "period": "month"}]


@pytest.fixture
def buyer_of(service: Service, tokens: TestTokens) -> Buyer:
    """Somebody who buys for a customer, in the portal."""
    return lambda customer_id: client_for(service, tokens.portal({customer_id: BUYER}))


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def of_customer(client: Client, customer_id: str, **filters: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    answer = client.get(f"/customers/{customer_id}/services?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def command(client: Client, one: dict[str, Any], what: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{SERVICES}/{one['id']}/{what}", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json
    return found


def in_use(service: Service, staff: Client, who: str, quantity: int = 1) -> dict[str, Any]:
    """A service that was ordered and provided."""
    order = do(staff, draft(staff, who, (listing(service, 1850, kind="service"), quantity)), "submission")
    order = do(staff, order, "confirmation")
    do(staff, order, "provisions", lines=[{"line_id": order["lines"][0]["id"]}])
    return of_customer(staff, who)[0]


def verbs(service: Service, *ids: str) -> list[str]:
    return [event.type.split(".")[2] for event in published(service.db) if event.subject in ids]


def test_a_service_waits_from_the_confirmation_and_is_in_use_once_provided(
    service: Service, staff: Client, buyer_of: Buyer
) -> None:
    who = company(service)
    one = listing(service, 1850, kind="service", name="Telephony")
    set_components(service, one, LINE)
    order = do(staff, draft(staff, who, (one, 3)), "submission")
    assert of_customer(staff, who) == []
    order = do(staff, order, "confirmation")
    [waiting] = of_customer(staff, who)
    assert (waiting["status"], waiting["quantity"], waiting["started_on"]) == ("pending", 3, None)
    line_id = order["lines"][0]["id"]
    do(staff, order, "provisions", lines=[{"line_id": line_id, "quantity": 1}])
    assert sorted((one["status"], one["quantity"]) for one in of_customer(staff, who)) == [
        ("active", 1),
        ("pending", 2),
    ]
    assert do(staff, order, "provisions", lines=[{"line_id": line_id}])["status"] == "completed"
    found = of_customer(buyer_of(who), who)
    assert sorted((one["status"], one["quantity"], one["started_on"]) for one in found) == [
        ("active", 1, today()),
        ("active", 2, today()),
    ]
    assert found[0]["charges"] == LINE
    assert found[0]["unit_price"] == {"amount": "18.50", "currency": "EUR"}
    told = [event for event in published(service.db) if event.data.get("order_line_id") == line_id]
    assert [event.type.split(".")[2] for event in told] == ["planned", "started", "changed", "started"]
    for event in told:
        service.contracts.check(event.type, event.data)
    assert [event.version for event in told if event.subject == waiting["id"]] == [1, 2, 3]


def test_goods_with_a_recurring_charge_are_in_use_when_they_leave_each_with_its_serial(
    service: Service, staff: Client
) -> None:
    who, phone, cable = company(service), listing(service, 9900), listing(service, 500)
    set_components(service, phone, LINE)
    order = confirmed(service, staff, who, (phone, 2), (cable, 5))
    deliver(service, reservation("allocated", order, 2))
    # The reservation may tell first what has left, and the shipment the serials.
    deliver(service, reservation("shipped", order, 3))
    deliver(service, dispatched(read(staff, order), 2, serials=["PH-1", "PH-2"]))
    found = of_customer(staff, who)
    assert sorted((one["serial"], one["status"], one["quantity"]) for one in found) == [
        ("PH-1", "active", 1),
        ("PH-2", "active", 1),
    ]
    assert {one["listing_id"] for one in found} == {phone}
    [first] = of_customer(staff, who, q="ph-1")
    assert first["serial"] == "PH-1"


def test_an_order_that_confirms_itself_in_the_portal_has_its_service_waiting(service: Service, buyer_of: Buyer) -> None:
    who = company(service, auto_confirm_orders="on")
    buyer = buyer_of(who)
    order = do(buyer, draft(buyer, who, (listing(service, kind="service"), 2)), "submission")
    assert order["status"] == "confirmed"
    [one] = of_customer(buyer, who)
    assert (one["status"], one["quantity"], one["order_number"]) == ("pending", 2, order["number"])


def test_of_two_commands_at_once_one_wins(service: Service, staff: Client) -> None:
    one = in_use(service, staff, company(service))
    paths = [f"{SERVICES}/{one['id']}/{what}" for what in ("replacement", "loss", "end")]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda path: staff.post(path, json={"reason": "x"}), paths))
    assert sorted(answer.status_code for answer in answers)[1:] == [409, 409]
    assert len(verbs(service, one["id"])) == 3


def test_two_workers_renew_once(service: Service, staff: Client, age: Callable[..., None]) -> None:
    made = [in_use(service, staff, company(service)) for _ in range(3)]
    for one in made:
        command(staff, one, "renewal", months=12, renewal="automatic")
        age("services", one["id"], started_on=-10, ends_on=-2)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: Calendar(service.db).run(Stop()), range(2)))
    for one in made:
        assert verbs(service, one["id"]) == ["planned", "started", "renewed", "renewed"]


def test_goods_that_were_counted_in_are_in_use_no_more_however_often_it_is_told(
    service: Service, staff: Client
) -> None:
    who, phone = company(service), listing(service, 9900)
    set_components(service, phone, LINE)
    order = confirmed(service, staff, who, (phone, 5))
    deliver(service, reservation("allocated", order, 2))
    deliver(service, dispatched(read(staff, order), 5, serials=["PH-1", "PH-2"]))
    line_id = order["lines"][0]["id"]

    def counted_in(quantity: int, *serials: str) -> Any:
        told = example("warehouse.return.received.v1", return_id, 6)
        [line] = told.data["lines"]
        back = line | {"line_id": line_id, "quantity_received": quantity, "serials_received": list(serials)}
        ids = {"id": return_id, "customer_id": who, "order_ids": [order["id"]], "lines": [back]}
        return example("warehouse.return.received.v1", return_id, 6, **ids)

    return_id = new_id()
    deliver(service, [counted_in(1, "PH-2"), counted_in(1, "PH-2"), counted_in(3, "PH-2"), counted_in(3, "PH-2")])
    found = of_customer(staff, who)
    assert sorted((one["status"], str(one["serial"]), one["quantity"]) for one in found) == [
        ("active", "None", 1),
        ("active", "PH-1", 1),
        ("ended", "None", 2),
        ("ended", "PH-2", 1),
    ]
    over = [one for one in found if one["status"] == "ended"]
    assert {(one["reason"], one["return_id"]) for one in over} == {("returned", return_id)}
    # The line is told again, and nothing begins anew.
    deliver(service, dispatched(read(staff, order), 5, serials=["PH-1", "PH-2"]))
    assert len(of_customer(staff, who)) == 4


def test_what_is_cancelled_never_starts(service: Service, staff: Client) -> None:
    who = company(service)
    order = do(staff, draft(staff, who, (listing(service, kind="service"), 2)), "submission")
    order = do(staff, order, "confirmation")
    do(staff, order, "cancellation", reason="Not needed")
    [one] = of_customer(staff, who)
    assert (one["status"], one["reason"], one["started_on"]) == ("ended", "not_delivered", None)


def test_a_return_needs_the_warehouse_for_portal_users(service: Service, staff: Client, buyer_of: Buyer) -> None:
    who = company(service)
    one, buyer = in_use(service, staff, who), buyer_of(who)
    refused = command(buyer, one, "return", 403, reason="The office closes")
    assert refused["code"] == "ordering.warehouse_disabled"
    assert "ask your contact" in refused["detail"]
    switch(service, who, 2, warehouse_enabled="on")
    asked = command(buyer, one, "return", reason="The office closes", wanted_on=in_days(7))
    assert (asked["status"], asked["wanted_on"]) == ("return_requested", in_days(7))
    again = command(buyer, one, "return", 409, reason="Again")
    assert (again["code"], again["commands"]) == ("ordering.service_status", ["assign", "end", "lose", "replace"])
    ended = command(staff, one, "end", reason="Has come back")
    assert (ended["status"], ended["ended_on"], ended["commands"]) == ("ended", today(), [])
    assert verbs(service, one["id"]) == ["planned", "started", "return_requested", "ended"]


def test_staff_returns_whatever_the_switch_says(service: Service, staff: Client) -> None:
    one = in_use(service, staff, company(service))
    assert command(staff, one, "return", reason="Asked by telephone")["status"] == "return_requested"


def test_a_replacement_keeps_what_it_costs_and_for_whom_it_is(service: Service, staff: Client) -> None:
    who = company(service)
    one = in_use(service, staff, who)
    person, unit = {"id": new_id(), "label": "Ada Bell"}, {"id": new_id(), "label": "Sales"}
    command(staff, one, "assignment", person=person, org_unit=unit, cost_centre="4711")
    new = command(staff, one, "replacement", 201, reason="Broken", serial="PH-9")
    assert (new["status"], new["replaces_id"], new["serial"]) == ("active", one["id"], "PH-9")
    assert (new["person"], new["cost_centre"], new["unit_price"]) == (person, "4711", one["unit_price"])
    old = staff.get(f"{SERVICES}/{one['id']}").json
    assert (old["status"], old["replaced_by_id"], old["reason"]) == ("replaced", new["id"], "Broken")
    assert verbs(service, one["id"], new["id"]) == ["planned", "started", "changed", "replaced", "started"]
    assert of_customer(staff, who, org_unit_id=unit["id"], status="active") == [new]


def test_a_person_moves_and_its_service_with_it_but_only_staff_moves_it_elsewhere(
    service: Service, staff: Client, buyer_of: Buyer
) -> None:
    who = company(service)
    one, buyer = in_use(service, staff, who), buyer_of(who)
    place = {"id": new_id(), "label": "Tanner Row 14"}
    assert command(buyer, one, "assignment", 403, property=place)["code"] == "ordering.staff_fields"
    assert command(staff, one, "assignment", property=place)["property"] == place
    command(buyer, one, "assignment", person={"id": new_id(), "label": "Ada Bell"})
    command(buyer, one, "assignment", person=None, cost_centre="")
    told = published(service.db, "ordering.service.changed.v1")[-3:]
    assert [[change["path"] for change in event.data["changes"]] for event in told] == [
        ["property"],
        ["person"],
        ["person"],
    ]
    assert told[-1].data["changes"][0]["before"]["label"] == "Ada Bell"


def test_what_is_lost_is_over(service: Service, staff: Client, buyer_of: Buyer) -> None:
    who = company(service)
    one = in_use(service, staff, who)
    lost = command(buyer_of(who), one, "loss", reason="Left on a train")
    assert (lost["status"], lost["ended_on"]) == ("lost", today())
    assert command(staff, one, "renewal", 409, months=1)["code"] == "ordering.service_status"


def test_it_ends_on_a_later_day_by_the_calendar(service: Service, staff: Client, age: Callable[..., None]) -> None:
    one = in_use(service, staff, company(service))
    planned = command(staff, one, "end", reason="Contract over", on=in_days(3))
    assert (planned["status"], planned["ends_on"]) == ("active", in_days(3))
    assert command(staff, one, "end", 422, reason="x", on=in_days(-1))["code"] == "ordering.day_unsuitable"
    Calendar(service.db).run(Stop())
    assert staff.get(f"{SERVICES}/{one['id']}").json["status"] == "active"
    age("services", one["id"], started_on=-10, ends_on=-2)
    Calendar(service.db).run(Stop())
    ended = staff.get(f"{SERVICES}/{one['id']}").json
    assert (ended["status"], ended["ended_on"], ended["reason"]) == ("ended", in_days(-2), "term_over")


def test_it_renews_itself_where_that_is_agreed(service: Service, staff: Client, age: Callable[..., None]) -> None:
    one = in_use(service, staff, company(service))
    refused = command(staff, one, "renewal", 422, ends_on=None, renewal="automatic")
    assert refused["code"] == "ordering.term_unsuitable"
    renewed = command(staff, one, "renewal", months=12, renewal="automatic")
    assert (renewed["renewal"], renewed["term_months"]) == ("automatic", 12)
    age("services", one["id"], started_on=-10, ends_on=-2)
    Calendar(service.db).run(Stop())
    goes_on = staff.get(f"{SERVICES}/{one['id']}").json
    assert goes_on["status"] == "active"
    assert goes_on["ends_on"] > in_days(300)
    assert verbs(service, one["id"])[-2:] == ["renewed", "renewed"]


def move(who: str, **data: Any) -> Any:
    values = {"id": new_id(), "customer_id": who, "services_to_start": [], "services_to_end": []} | data
    return example("customer.move.executed.v1", values["id"], 2, **values)


def test_a_moving_in_starts_what_it_names_and_a_moving_out_ends_it(service: Service, staff: Client) -> None:
    who = company(service)
    name = f"Fibre {new_id()[-6:]}"
    known = listing(service, 4900, kind="service", name=name)
    set_components(service, known, LINE)
    wanted = [
        {"service": name.upper(), "quantity": 2, "note": "before noon"},
        {"service": "Window cleaning", "quantity": 1, "note": None},
    ]
    moved_in = move(who, kind="in", services_to_start=wanted, date="2026-03-02")
    deliver(service, [moved_in, moved_in])
    found = {one["name"]: one for one in of_customer(staff, who)}
    assert len(found) == len(of_customer(staff, who)) == 2
    assert found[name]["unit_price"] == {"amount": "49.00", "currency": "EUR"}
    assert (found[name]["listing_id"], found[name]["quantity"], found[name]["started_on"]) == (known, 2, "2026-03-02")
    assert found[name]["property"]["label"] == "Tanner Row 14"
    assert (found["Window cleaning"]["listing_id"], found["Window cleaning"]["move_id"]) == (None, moved_in.subject)
    gone = [{"service": name, "quantity": 1, "note": None}, {"service": "window CLEANING", "quantity": 1, "note": None}]
    deliver(service, move(who, kind="out", services_to_end=gone, date="2026-05-31"))
    of_name = [one for one in of_customer(staff, who) if one["name"] == name]
    assert sorted((one["status"], one["quantity"]) for one in of_name) == [("active", 1), ("ended", 1)]
    found = {one["name"]: one for one in of_customer(staff, who)}
    over = found["Window cleaning"]
    assert (over["status"], over["ended_on"], over["reason"]) == ("ended", "2026-05-31", "moved_out")


def test_services_of_others_do_not_exist_for_a_portal_user(
    service: Service, staff: Client, buyer_of: Buyer, tokens: TestTokens
) -> None:
    who, other = company(service), company(service)
    one, buyer = in_use(service, staff, who), buyer_of(other)
    for answer in (
        buyer.get(f"{SERVICES}/{one['id']}"),
        buyer.post(f"{SERVICES}/{one['id']}/return", json={"reason": "x"}),
        buyer.post(f"{SERVICES}/{one['id']}/loss", json={"reason": "x"}),
        buyer.post(f"{SERVICES}/{one['id']}/assignment", json={"cost_centre": "1"}),
        buyer.get(f"/customers/{who}/services"),
    ):
        assert answer.status_code == 404
    assert buyer.get(f"{SERVICES}/{one['id']}").json["code"] == "ordering.service_not_found"
    assert buyer.get(SERVICES).json["items"] == []
    assert buyer.get(f"{SERVICES}?customer_id={who}").json["items"] == []
    own = buyer_of(who)
    assert [each["id"] for each in own.get(SERVICES).json["items"]] == [one["id"]]
    for what in ("end", "replacement", "renewal"):
        assert own.post(f"{SERVICES}/{one['id']}/{what}", json={"reason": "x"}).status_code == 403
    blind = client_for(service, tokens.portal({who: ("orders.view",)}))
    assert "unit_price" not in blind.get(f"{SERVICES}/{one['id']}").json
    assert blind.post(f"{SERVICES}/{one['id']}/loss", json={"reason": "x"}).json["code"] == "permission_missing"


def test_lists_go_page_by_page(service: Service, staff: Client) -> None:
    who = company(service)
    made = [in_use(service, staff, who)["id"] for _ in range(3)]
    first = staff.get(f"/customers/{who}/services?limit=2").json
    rest = staff.get(f"/customers/{who}/services?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]


def test_an_erased_customer_leaves_services_without_names(service: Service, staff: Client) -> None:
    who = company(service)
    one = in_use(service, staff, who)
    command(staff, one, "assignment", person={"id": new_id(), "label": "Tomasina Reyes"})
    told = {"request_id": new_id(), "erased_ids": [who], "everything": True, "name": "[erased]"}
    deliver(service, customer(who, "erased", 3, **told))
    assert staff.get(f"{SERVICES}/{one['id']}").json["person"]["label"] is None
    assert not [event for event in published(service.db) if "Tomasina Reyes" in str(event.data)]
