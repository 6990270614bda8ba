"""What is parked, and the decision about it, over HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from billing.tests.conftest import STAFF
from billing.tests.told import Order, sums, switches
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

pytestmark = pytest.mark.postgres

Look = Callable[..., Any]


@pytest.fixture
def backlog(tell: Look, company: Look) -> str:
    """A customer with three shipments that are parked, of January to March, whose billing is on again."""
    customer: str = company("off")
    order = Order(customer, (3, "10.00"), (1, "5.00"))
    january, february = order.ship(1, on="2026-01-15"), order.ship(1, on="2026-02-15")
    tell(order.tell(), january, february, order.ship(1, 1, on="2026-03-15"))
    tell(switches(customer, billing_enabled="on"))
    return customer


def test_what_is_parked_stays_parked_until_staff_decides_about_it(
    backlog: str, pending: Look, decide: Look, charges: Look, service: Service
) -> None:
    shown = pending(backlog)
    assert (shown["parked"]["count"], sums(shown["parked"]["sums"]), shown["since"]) == (4, ["15.00 EUR"], "2026-01-15")
    assert (shown["billing_enabled"], shown["decision_needed"], shown["billable"]["count"]) == (True, True, 0)
    answer = decide(backlog, "bill", **{"from": "2026-02-15"})
    assert (answer.status_code, answer.headers["ETag"]) == (201, f'"v{shown["version"] + 1}"')
    now = answer.json
    assert (sums(now["parked"]["sums"]), sums(now["billable"]["sums"])) == (["3.33 EUR"], ["11.67 EUR"])
    assert (now["since"], now["decision_needed"]) == ("2026-01-15", True)
    waived = decide(backlog, "waive", reason="Delivered late").json
    assert (waived["parked"]["count"], waived["since"], waived["decision_needed"]) == (0, None, False)
    assert [(one["decision"], one["from"], one["reason"], one["count"]) for one in waived["decisions"]] == [
        ("waive", None, "Delivered late", 1),
        ("bill", "2026-02-15", None, 3),
    ]
    found = charges(backlog)
    assert sorted((one["state"], one["amount"]["amount"]) for one in found) == [
        *[("billable", "3.33"), ("billable", "3.34"), ("billable", "5.00"), ("waived", "3.33")],
    ]
    assert {one["decision_id"] for one in found} == {one["id"] for one in waived["decisions"]}
    told = [one for one in published(service.db, "billing.charges.decided.v1") if one.subject == backlog]
    assert [one.data["decision"]["decision"] for one in told] == ["bill", "waive"]
    assert told[-1].data["last_decision"]["decision"] == "waive"


def test_a_decision_needs_billing_to_be_on_and_something_to_be_parked(
    backlog: str, tell: Look, decide: Look, pending: Look
) -> None:
    tell(switches(backlog, billing_enabled="off"))
    refused = decide(backlog, "bill")
    assert (refused.status_code, refused.json["code"], refused.json["parked"]) == (409, "billing.billing_disabled", 4)
    assert "portal-settings" in refused.json["detail"]
    assert pending(backlog)["decision_needed"] is False
    tell(switches(backlog, billing_enabled="on"))
    late = decide(backlog, "bill", **{"from": "2026-03-16"})
    assert (late.status_code, late.json["code"]) == (409, "billing.nothing_parked")
    assert decide(backlog, "bill").status_code == 201
    assert decide(backlog, "bill").json["code"] == "billing.nothing_parked"


def test_staff_decides_about_what_it_saw(backlog: str, tell: Look, staff: Client, pending: Look) -> None:
    path, seen = f"/customers/{backlog}/pending-billing/decision", pending(backlog)["version"]
    order = Order(backlog, (1, "99.00"))
    tell(order.tell(), order.ship(1))
    stale = staff.post(path, json={"decision": "bill"}, version=seen)
    assert (stale.status_code, stale.json["code"], stale.json["current_version"]) == (412, "billing.stale", seen + 1)
    assert staff.post(path, json={"decision": "bill"}).status_code == 428
    assert pending(backlog)["parked"]["count"] == 4


def test_one_key_decides_once(backlog: str, staff: Client, pending: Look) -> None:
    path, seen = f"/customers/{backlog}/pending-billing/decision", pending(backlog)["version"]
    headers = {"Idempotency-Key": new_id()}
    first, again = (staff.post(path, json={"decision": "bill"}, version=seen, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    assert len(pending(backlog)["decisions"]) == 1


def test_of_many_opposite_decisions_at_one_moment_exactly_one_counts(
    backlog: str, service: Service, tokens: TestTokens, pending: Look, charges: Look, figure: Look
) -> None:
    app, token, seen = service.create_app(), tokens.staff(STAFF), pending(backlog)["version"]

    def decide(number: int) -> int:
        body = {"decision": "bill"} if number % 2 else {"decision": "waive", "reason": "Goodwill"}
        path = f"/customers/{backlog}/pending-billing/decision"
        return Client(app, token).post(path, json=body, version=seen).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(decide, range(8)))
    figure("answers to eight decisions at once", answers)
    assert answers == [201] + [412] * 7
    [decision] = pending(backlog)["decisions"]
    assert {one["state"] for one in charges(backlog)} == {{"bill": "billable", "waive": "waived"}[decision["decision"]]}


def test_what_does_not_fit_is_refused_by_its_name(backlog: str, decide: Look, staff: Client) -> None:
    refused = decide(backlog, "waive")
    assert (refused.status_code, refused.json["code"]) == (422, "billing.decision_unsuitable")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/reason"]
    assert decide(backlog, "forget").json["errors"][0]["pointer"] == "/decision"
    unknown = staff.post(f"/customers/{new_id()}/pending-billing/decision", json={"decision": "bill"}, version=0)
    assert (unknown.status_code, unknown.json["code"]) == (404, "customer.not_found")


def test_the_portal_reads_while_billing_is_on_and_has_no_such_section_else(
    backlog: str, tell: Look, decide: Look, portal_of: Look, company: Look
) -> None:
    person, place = portal_of(backlog), f"/customers/{backlog}"
    decide(backlog, "waive", reason="Between us: our mistake")
    shown = person.get(f"{place}/pending-billing")
    assert (shown.status_code, shown.json["decisions"][0]["reason"]) == (200, None)
    assert len(person.get(f"{place}/charges").json["items"]) == 4
    refused = person.post(f"{place}/pending-billing/decision", json={"decision": "bill"}, version=9)
    assert (refused.status_code, refused.json["code"]) == (403, "staff_only")
    assert person.get("/pending-billing").json["code"] == "staff_only"
    tell(switches(backlog, billing_enabled="off"))
    for path in ("charges", "pending-billing"):
        hidden = person.get(f"{place}/{path}")
        assert (hidden.status_code, hidden.json["code"]) == (404, "billing.section_not_found")
        # Of another customer it learns nothing, on or off.
        assert person.get(f"/customers/{company()}/{path}").json["code"] == "customer.not_found"


def test_pages_name_each_charge_and_each_customer_once(
    backlog: str, staff: Client, tell: Look, company: Look, charges: Look
) -> None:
    still_off = company("off")
    order = Order(still_off, (1, "1.00"))
    tell(order.tell(), order.ship(1))
    seen: list[Any] = []
    cursor = ""
    for _page in range(100):
        page = staff.get("/pending-billing", query_string={"limit": 1} | ({"cursor": cursor} if cursor else {})).json
        seen += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    by_id = {one["customer_id"]: one for one in seen}
    assert len(by_id) == len(seen)
    assert (by_id[backlog]["decision_needed"], by_id[backlog]["customer_name"]) == (True, "Alfreds")
    assert (by_id[still_off]["decision_needed"], by_id[still_off]["billing_enabled"]) == (False, False)
    first = staff.get(f"/customers/{backlog}/charges?limit=3&state=parked").json
    rest = staff.get(f"/customers/{backlog}/charges?limit=3&state=parked&cursor={first['next_cursor']}").json
    shown = [one["id"] for one in first["items"] + rest["items"]]
    assert (len(shown), shown) == (4, [one["id"] for one in reversed(charges(backlog, state="parked"))])


def test_each_operation_needs_its_permission(backlog: str, service: Service, tokens: TestTokens, staff: Client) -> None:
    viewer = client_for(service, tokens.staff(["billing.view"]))
    refused = viewer.post(f"/customers/{backlog}/pending-billing/decision", json={"decision": "bill"}, version=1)
    assert (refused.status_code, refused.json["permission"]) == (403, "billing.edit")
    nobody = client_for(service, tokens.staff(["orders.view"]))
    for path in ("/pending-billing", f"/customers/{backlog}/charges", f"/customers/{backlog}/pending-billing"):
        assert viewer.get(path).status_code == 200
        assert nobody.get(path).json["permission"] == "billing.view"


def test_an_account_that_differs_from_its_charges_is_named(backlog: str, service: Service, staff: Client) -> None:
    def turn(count: int) -> None:
        with service.db.transaction() as session:
            changed = "UPDATE billing_accounts SET parked_count = parked_count + :count WHERE customer_id = :id"
            session.execute(text(changed), {"id": backlog, "count": count})

    turn(1)
    assert staff.get("/operations/account-drift").json["items"] == [backlog]
    turn(-1)
    assert staff.get("/operations/account-drift").json["items"] == []
