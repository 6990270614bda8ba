"""Possible duplicates: warned of on creation, listed, dismissed, and found again when something changes."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published

Make = Callable[..., dict[str, Any]]

PLACE = {"line1": "Kai 3", "city": "Kiel", "postal_code": "24103", "country": "DE"}


def person(domain: str, phone: str) -> dict[str, Any]:
    return {"name": "Ada", "emails": [{"address": f"ada@{domain}"}], "phones": [{"number": phone}]}


@pytest.fixture
def sweep(service: Service) -> Callable[[], None]:
    job = next(job for job in service.jobs if job.name == "duplicates")

    def run() -> None:
        while job.run(Stop()):
            pass

    return run


def pairs(staff: Client, customer_id: str, state: str = "open") -> list[dict[str, Any]]:
    answer = staff.get(f"/customers/{customer_id}/duplicates?state={state}")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def test_a_possible_duplicate_is_created_and_named(staff: Client, a_customer: Make) -> None:
    first = a_customer(name="Nordlicht GmbH", addresses=[PLACE])
    assert first["duplicates"] == []
    second = a_customer(name="Nordlicht", addresses=[PLACE | {"line1": "Am Markt 1"}])
    [found] = second["duplicates"]
    assert (found["customer_id"], found["score"], found["instead"]) == (first["id"], 0.7, "open")
    assert found["reasons"] == ["name_and_postal_code", "name_and_city"]
    [pair] = pairs(staff, first["id"])
    assert {side["id"] for side in pair["customers"]} == {first["id"], second["id"]}
    assert pair["id"] in {each["id"] for each in staff.get("/duplicates").json["items"]}


def test_a_strong_duplicate_needs_a_reason(staff: Client, service: Service, a_customer: Make) -> None:
    people = [person("polarlicht.de", "0431 990 7001")]
    first = a_customer(name="Polarlicht GmbH", addresses=[PLACE], contacts=people)
    staff.post(f"/customers/{first['id']}/archival", json={"reason": "gone"})
    body = {"name": "Polarlicht", "addresses": [PLACE], "contacts": people}
    refused = staff.post("/customers", json=body)
    assert (refused.status_code, refused.json["code"]) == (409, "customer.duplicate")
    [found] = refused.json["duplicates"]
    assert (found["number"], found["instead"]) == (first["number"], "restore")
    without = staff.post("/customers", json=body | {"override_duplicate": True})
    assert (without.status_code, without.json["code"]) == (422, "customer.override_reason_missing")
    reason = {"override_duplicate": True, "override_reason": "The daughter company"}
    made = staff.post("/customers", json=body | reason)
    assert made.status_code == 201
    assert pairs(staff, first["id"]) == []
    [pair] = pairs(staff, first["id"], "dismissed")
    assert pair["dismissal"]["reason"] == "The daughter company"
    assert published(service.db, "customer.duplicate.dismissed.v1")[-1].data["id"] == pair["id"]


def test_a_dismissed_pair_stays_silent_until_the_two_share_something_new(
    staff: Client, a_customer: Make, sweep: Callable[[], None]
) -> None:
    first = a_customer(name="Mondlicht", addresses=[PLACE])
    second = a_customer(name="Mondlicht", addresses=[PLACE])
    [pair] = pairs(staff, first["id"])
    answer = staff.post(f"/duplicates/{pair['id']}/dismissal", json={"reason": "Two shops"})
    assert (answer.status_code, answer.json["state"]) == (200, "dismissed")
    again = staff.post(f"/duplicates/{pair['id']}/dismissal", json={"reason": "Two shops"})
    assert again.json["version"] == answer.json["version"] == 1
    staff.patch(f"/customers/{second['id']}", json={"dba_name": "Luna"}, version=1)
    sweep()
    assert pairs(staff, first["id"]) == []
    for customer in (first, second):
        staff.post(f"/customers/{customer['id']}/contacts", json=person("mondlicht.de", "0431 990 7002"))
    sweep()
    [reopened] = pairs(staff, first["id"])
    assert reopened["id"] == pair["id"]
    assert reopened["score"] > pair["score"]


def test_a_rename_finds_and_loses_duplicates(staff: Client, a_customer: Make, sweep: Callable[[], None]) -> None:
    first = a_customer(name="Sternlicht", addresses=[PLACE])
    second = a_customer(name="Kerze", addresses=[PLACE])
    staff.patch(f"/customers/{second['id']}", json={"name": "Sternlicht AG"}, version=1)
    sweep()
    assert len(pairs(staff, first["id"])) == 1
    staff.patch(f"/customers/{second['id']}", json={"name": "Kerze"}, version=2)
    sweep()
    assert pairs(staff, first["id"]) == []


def test_what_many_share_says_nothing(staff: Client, a_customer: Make) -> None:
    made = [
        a_customer(name=f"Franchise {n}", contacts=[person("franchise.example", "0800 990 7003")]) for n in range(25)
    ]
    assert made[1]["duplicates"]
    assert made[-1]["duplicates"] == []


def test_who_may_not_merge_does_not_see_the_queue(service: Service, tokens: Any) -> None:
    from common.testing import client_for

    answer = client_for(service, tokens.staff(["customers.view"])).get("/duplicates")
    assert (answer.status_code, answer.json["permission"]) == (403, "customers.merge")
