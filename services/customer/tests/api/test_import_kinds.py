"""Imports of contacts, erasing by `@clear`, names of merged customers, and warnings of duplicates."""

from collections.abc import Callable
from io import BytesIO
from threading import Event as Stop
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published

Make = Callable[..., dict[str, Any]]
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(staff: Client, service: Service) -> Run:
    """Imports a file to its end; fields of the form may be given."""
    job = next(job for job in service.jobs if job.name == "imports")

    def run(body: str, **fields: str) -> dict[str, Any]:
        form = {"type": "customers", "file": (BytesIO(body.encode()), "a.csv")} | fields
        answer = staff.post("/imports", data=form)
        assert answer.status_code == 202, answer.json
        while job.run(Stop()):
            pass
        return staff.get(f"/imports/{answer.json['id']}").json

    return run


def counts(**given: int) -> dict[str, int]:
    return dict.fromkeys(("created", "updated", "unchanged", "duplicate", "invalid"), 0) | given


def reasons(staff: Client, done: dict[str, Any]) -> list[str]:
    lines = staff.get(f"/imports/{done['id']}/rejected").get_data(as_text=True).splitlines()[1:]
    return [line.split(",")[-3] for line in lines]


def people(staff: Client, customer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in staff.get(f"/customers/{customer['id']}/contacts").json["items"]}


def test_contacts_are_added_changed_and_told_apart(staff: Client, a_customer: Make, run: Run) -> None:
    customer = a_customer()
    number = customer["number"]
    head = "number,name,email,title\n"
    body = head + f"{number},Ada,ada@harbour.de,\n{number},Ben,ben@harbour.de,Buyer\n"
    dry = run(body, type="contacts", dry_run="true")
    assert dry["counts"] == counts(created=2)
    assert people(staff, customer) == {}
    assert run(body, type="contacts")["counts"] == counts(created=2)
    found = people(staff, customer)
    assert (found["Ada"]["primary"], found["Ben"]["title"]) == (True, "Buyer")
    assert run(body, type="contacts")["counts"] == counts(unchanged=2)
    changed = head + f"{number},,ben@harbour.de,Owner\n{number},Cleo,,\n"
    assert run(changed, type="contacts")["counts"] == counts(created=1, updated=1)
    assert people(staff, customer)["Ben"]["title"] == "Owner"
    assert people(staff, customer)["Ada"]["primary"] is True


def test_rows_of_contacts_that_lead_nowhere_are_refused(staff: Client, a_customer: Make, run: Run) -> None:
    number = a_customer(contacts=[{"name": "Ada"}])["number"]
    rows = [f"{number},Ben,", "NOWHERE,Ben,", f"{number},,", f"{number},Ben,"]
    body = "number,contact_name,title\n" + "\n".join(rows) + "\n"
    done = run(body, type="contacts")
    assert done["counts"] == counts(created=1, duplicate=1, invalid=2)
    assert reasons(staff, done) == ["customer_unknown", "missing", "duplicate_in_file"]
    assert reasons(staff, run(f"number,contact_name\n{number},Ada\n", type="contacts", mode="create")) == ["exists"]
    assert reasons(staff, run(f"number,contact_name\n{number},Eva\n", type="contacts", mode="update")) == ["not_found"]


def test_clear_erases_what_can_be_empty(staff: Client, a_customer: Make, run: Run) -> None:
    group = staff.post("/customer-groups", json={"name": "Cleared"}).json
    head = a_customer()
    customer = a_customer(
        dba_name="Trading",
        group_id=group["id"],
        parent_id=head["id"],
        addresses=[{"line1": "Kai 3", "line2": "Back door", "city": "Kiel", "country": "DE"}],
        contacts=[{"name": "Ada", "title": "Owner", "phones": [{"label": "mobile", "number": "0151 9"}]}],
    )
    heading = "number,dba_name,group,parent_number,line2,contact_title,mobile\n"
    clear = ",".join(["@clear"] * 6)
    done = run(f"{heading}{customer['number']},{clear}\n", mode="update")
    assert done["counts"] == counts(updated=1)
    after = staff.get(f"/customers/{customer['id']}").json
    assert (after["dba_name"], after["group_id"], after["parent_id"]) == (None, None, None)
    [address] = staff.get(f"/customers/{customer['id']}/addresses").json["items"]
    assert (address["line1"], address["line2"]) == ("Kai 3", None)
    contact = people(staff, customer)["Ada"]
    assert (contact["title"], contact["phones"]) == (None, [])
    again = run(f"{heading}{customer['number']},{clear}\n", mode="update")
    assert again["counts"] == counts(unchanged=1)
    refused = run(f"number,name\n{customer['number']},@clear\n")
    assert reasons(staff, refused) == ["clear"]


def test_the_lifecycle_is_a_column(staff: Client, service: Service, run: Run) -> None:
    done = run("number,name,lifecycle\nLIFE1,A,Lead\nLIFE2,B,\nLIFE3,C,unborn\n")
    assert done["counts"] == counts(created=2, invalid=1)
    created = [
        e.data for e in published(service.db, "customer.customer.created.v1") if e.data["batch_id"] == done["id"]
    ]
    assert [data["lifecycle"] for data in created] == ["lead", "customer"]


def test_tags_are_added_by_name_and_cleared(staff: Client, service: Service, a_customer: Make, run: Run) -> None:
    vip, late = (staff.post("/tags", json={"name": name}).json["id"] for name in ("VIP", "Pays late"))
    customer = a_customer()
    path, number = f"/customers/{customer['id']}", customer["number"]

    def tags() -> set[str]:
        return {tag["id"] for tag in staff.get(f"{path}/tags").json["items"]}

    done = run(f"number,tags\n{number},vip\n", mode="update")
    assert (done["counts"], tags()) == (counts(updated=1), {vip})
    run(f"number,tags\n{number},Pays late; VIP\n", mode="update")
    assert tags() == {vip, late}
    assert reasons(staff, run(f"number,tags\n{number},Nobody\n", mode="update")) == ["tag_unknown"]
    cleared = run(f"number,tags\n{number},@clear\n", mode="update")
    assert (cleared["counts"], tags()) == (counts(updated=1), set())
    staff.post(f"/imports/{cleared['id']}/reversion")
    reversions = next(job for job in service.jobs if job.name == "reversions")
    while reversions.run(Stop()):
        pass
    assert tags() == {vip, late}


def test_the_number_of_a_merged_customer_leads_to_its_survivor(staff: Client, a_customer: Make, run: Run) -> None:
    survivor, loser = a_customer(), a_customer()
    body = {"losers": [loser["id"]]}
    plan = staff.post(f"/customers/{survivor['id']}/merge-plans", json=body).json
    staff.post(f"/customers/{survivor['id']}/merges", json=body | {"fingerprint": plan["fingerprint"]})
    done = run(f"number,name,parent_number\n{loser['number']},Renamed,\nALIAS1,Branch,{loser['number']}\n")
    assert done["counts"] == counts(created=1, updated=1)
    assert staff.get(f"/customers/{survivor['id']}").json["name"] == "Renamed"
    branches = staff.get(f"/customers/{survivor['id']}/branches").json["items"]
    assert [branch["number"] for branch in branches] == ["ALIAS1"]


def test_possible_duplicates_are_created_counted_and_listed(
    staff: Client, service: Service, a_customer: Make, run: Run
) -> None:
    place = {"line1": "Ring 1", "city": "Wien", "postal_code": "1010", "country": "AT"}
    known = a_customer(name="Donau Optik GmbH", addresses=[place])
    rows = ["DUP1,Donau Optik,Ring 1,Wien,1010,AT", "DUP2,Isar Optik,Ufer 2,Bonn,53111,DE",
            "DUP3,Isar Optik KG,Ufer 9,Bonn,53111,DE", "DUP4,Inn Optik,Ufer 2,Graz,8010,AT"]  # fmt: skip
    body = "number,name,address,city,zip,country\n" + "\n".join(rows) + "\n"
    dry = run(body, dry_run="true")
    assert (dry["counts"], dry["possible_duplicates"]) == (counts(created=4), 1)
    done = run(body)
    assert (done["counts"], done["duplicates_checked"]) == (counts(created=4), False)
    sweep = next(job for job in service.jobs if job.name == "duplicates")
    while sweep.run(Stop()):
        pass
    done = staff.get(f"/imports/{done['id']}").json
    assert (done["possible_duplicates"], done["duplicates_checked"]) == (2, True)
    found = staff.get(f"/imports/{done['id']}/duplicates").json["items"]
    numbers = [sorted(side["number"] for side in pair["customers"]) for pair in found]
    assert sorted(numbers) == sorted([sorted(["DUP1", known["number"]]), ["DUP2", "DUP3"]])
