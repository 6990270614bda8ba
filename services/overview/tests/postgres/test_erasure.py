"""An erased person is in no read model any more, nor in what waits, and a rebuild does not bring them back."""

from threading import Event as Stop
from typing import Any

from sqlalchemy import text

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from common.testing.events import event
from overview.bootstrap import for_generation
from overview.jobs.upkeep import Upkeep
from overview.tests import events
from overview.tests.delivery import deliver, hand_over
from overview.tests.tables import contents
from overview.use_cases import generations

NAME, MAIL = "Tomasina Hlavkova", "tomasina@alder.example"


def erased(entity: str, subject: str, customer: str, version: int, **state: Any) -> Event:
    told = {"request_id": new_id(), "erased_ids": [subject], "everything": entity == "customer", "changes": []}
    data = {"id": subject, "customer_id": customer} | told
    if entity == "customer":
        data = events.customer(customer).data | state | told
    return event(f"customer.{entity}.erased.v1", subject, data, customer_id=customer, version=version)


def person(customer: str, contact: str) -> list[Event]:
    renamed = [{"path": "name", "label": "Name", "before": "Tomasina Maiden", "after": NAME}]
    mail = [{"label": "work", "address": MAIL, "default": True}]
    primary = {"path": "primary_contact", "label": "Primary contact", "before": None, "after": contact}
    return [
        events.customer(customer, name="Alder Trading"),
        events.contact(customer, contact, name="Tomasina Maiden", emails=mail),
        events.contact(customer, contact, "updated", 2, name=NAME, emails=mail, changes=renamed),
        events.customer(
            customer,
            "updated",
            2,
            name="Alder Trading",
            primary_contact_id=contact,
            changes=[primary | {"before_label": None, "after_label": NAME}],
        ),
        events.contact(customer, name="Ines Marku"),
    ]


def said(service: Service) -> str:
    """Everything in the read models, and in what the mechanics keep."""
    with service.db.transaction() as session:
        kept = session.scalars(text("SELECT body FROM held UNION ALL SELECT body FROM outbox")).all()
    return "\n".join([*(row for rows in contents(service).values() for row in rows), *kept])


def test_an_erased_contact_is_in_no_table_and_the_answer_counts(service: Service, staff: Client) -> None:
    customer, contact = new_id(), new_id()
    deliver(service, person(customer, contact))
    assert NAME in said(service)
    assert staff.get("/customers", query_string={"q": "tomasina"}).json["items"]
    gone = erased("contact", contact, customer, 3)
    deliver(service, gone)
    assert [part for part in (NAME, "Tomasina", "tomasina", MAIL) if part in said(service)] == []
    assert "Ines Marku" in said(service)
    assert staff.get("/customers", query_string={"q": "tomasina"}).json["items"] == []
    timeline = staff.get(f"/customers/{customer}/timeline").json["items"]
    assert [one["verb"] for one in timeline if one["kind"] == "contact"].count("erased") == 1
    assert len(timeline) == 6, "every entry keeps its place"
    answer = published(service.db, "overview.erasure.completed.v1")[-1].data
    assert answer["request_id"] == gone.data["request_id"]
    assert answer["counts"]["entries"] == 3


def test_what_a_customer_was_classed_by_leaves_the_facets(service: Service, staff: Client) -> None:
    customer, other = new_id(), new_id()
    deliver(service, [events.customer(customer, custom_fields={"friend": NAME}), events.customer(other)])
    assert staff.get("/customers/facets?facets=cf.friend&filter=kind:business").json["facets"]["cf.friend"]
    deliver(service, erased("customer", customer, customer, 2, kind="business", name="[erased]"))
    with service.db.transaction() as session:
        kept = session.scalars(text("SELECT combinations::text FROM combinations")).all()
    assert len(kept) == 1
    assert NAME not in kept[0]


def test_combinations_of_no_customer_are_forgotten_in_time(service: Service) -> None:
    customer = new_id()
    deliver(service, events.customer(customer, custom_fields={"tier": "gold"}))
    deliver(service, events.customer(customer, "updated", 2, custom_fields={"tier": "silver"}))
    Upkeep(service.db).forget(Stop())
    with service.db.transaction() as session:
        kept = session.scalars(text("SELECT marks FROM combinations")).all()
    assert kept == [["cf.tier:silver", "lifecycle:customer"]]


def test_in_one_batch_with_what_came_before_it_erases_all_the_same(service: Service) -> None:
    customer, contact = new_id(), new_id()
    deliver(service, [*person(customer, contact), erased("contact", contact, customer, 3)])
    assert "Tomasina" not in said(service)


def test_a_person_that_is_a_customer_leaves_its_number_and_nothing_else(service: Service, staff: Client) -> None:
    customer = new_id()
    deliver(
        service,
        [
            events.customer(customer, kind="person", name=NAME, number="K77"),
            events.contact(customer, name="Her Sister"),
            events.address(customer, line1="Kanalweg 9", city="Kiel"),
        ],
    )
    deliver(service, erased("customer", customer, customer, 2, kind="person", name="[erased]", number="K77"))
    assert [part for part in (NAME, "Tomasina", "tomasina", "Her Sister", "Kanalweg") if part in said(service)] == []
    document = staff.get(f"/customers/{customer}/overview").json
    assert (document["customer"]["name"], document["customer"]["number"]) == ("[erased]", "K77")
    assert document["contacts"] == document["addresses"] == []
    assert [one["id"] for one in staff.get("/customers", query_string={"q": "K77"}).json["items"]] == [customer]


def test_what_waits_behind_a_failure_loses_the_person_before_it_is_tried_again(service: Service) -> None:
    customer, contact = new_id(), new_id()
    _, *rest = person(customer, contact)
    broken = events.customer(customer, version=1, created_at="no moment")
    hand_over(service, [broken, *rest])
    assert NAME in said(service)
    hand_over(service, erased("contact", contact, customer, 3))
    assert "Tomasina" not in said(service)


def test_the_name_of_an_erased_account_leaves_what_it_did(service: Service) -> None:
    customer, account = new_id(), new_id()
    by = {"actor": f"portal:{account}", "actor_label": NAME}
    changed = events.customer(customer)
    deliver(service, Event(**{name: getattr(changed, name) for name in changed.__slots__} | by))
    state = {"id": account, "kind": "portal", "username": MAIL, "display_name": NAME, "email": MAIL}
    state |= {"status": "active", "disabled_reason": None, "roles": [], "changes": []}
    deliver(service, event("identity.account.created.v1", account, state))
    assert NAME in said(service)
    login = {"path": f"users/{account}/username", "label": f"{NAME}: User name", "before": None, "after": MAIL}
    deliver(service, events.access(customer, changes=[login]))
    told = {"id": account, "request_id": new_id(), "erased_ids": [account]}
    own, here = {"customer_id": None, "everything": True}, {"customer_id": customer, "everything": False}
    deliver(service, event("identity.account.erased.v1", account, told | own, version=2))
    assert MAIL in said(service)
    deliver(service, event("identity.account.erased.v1", account, told | here, version=3, customer_id=customer))
    assert [part for part in (NAME, MAIL) if part in said(service)] == []


def test_a_generation_that_is_built_afterwards_is_the_same(service: Service) -> None:
    customer, contact = new_id(), new_id()
    history = [*person(customer, contact), erased("contact", contact, customer, 3)]
    deliver(service, history)
    with service.db.transaction() as session:
        number = generations.begin(session)
    deliver(for_generation(service, number), history, consumer=f"overview@{number}")
    built = contents(service, number)
    assert "Tomasina" not in "\n".join(row for rows in built.values() for row in rows)
    assert built == contents(service)
    generations.drop(service.db, number)
