"""A person of a company that goes on is erased: its name is in no row and no event of this service any more."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from common.testing.merging import Merge
from ordering.tests import companies, ordered, told
from ordering.tests.conftest import BUYER

NAME = "Tomasina Hlavkova"


class Person:
    """A buyer of a customer, who orders, asks for a quote and has a standing order."""

    def __init__(self, service: Service, tokens: TestTokens, staff: Client) -> None:
        self.service = service
        self.customer, self.id = ordered.company(service), new_id()
        companies.staffed(service, self.customer, companies.person("buyer", account_id=self.id))
        listing = ordered.listing(service)
        client = client_for(service, tokens.portal({self.customer: BUYER}, sub=self.id, name=NAME))
        self.order = ordered.do(client, ordered.draft(client, self.customer, (listing, 1)), "submission")
        lines = [{"listing_id": listing, "quantity": 1}]
        self.quote = self._made(client, "/quotes", lines=lines)
        plan = {"name": "Weekly", "every": 1, "unit": "weeks", "next_on": "2030-01-01"}
        self.standing = self._made(client, "/standing-orders", lines=lines, **plan)
        theirs = staff.post("/orders", json={"customer_id": self.customer, "lines": lines})
        assert theirs.status_code == 201

    def _made(self, client: Client, path: str, **body: Any) -> Any:
        answer = client.post(path, json={"customer_id": self.customer} | body)
        assert answer.status_code == 201, answer.text
        return answer.json

    def erase(self, customer_id: str | None = None) -> None:
        """Identity tells it in the account's own partition, and in that of its customer."""
        for place in (None, customer_id or self.customer):
            event = told.example(
                "identity.account.erased.v1",
                *(self.id, 5),
                id=self.id,
                customer_id=place,
                erased_ids=[self.id],
                everything=place is None,
            )
            deliver(self.service, replace(event, id=new_id(), partition_key=place or self.id, customer_id=place or ""))

    def where(self) -> set[str]:
        """The tables that know the name."""
        found = set()
        with self.service.db.transaction() as session:
            tables = session.execute(_TABLES).scalars().all()
            for table in tables:
                known = text(f"SELECT 1 FROM {table} t WHERE t::text LIKE :name LIMIT 1")  # noqa: S608  # the catalogue
                if session.execute(known, {"name": f"%{NAME}%"}).first():
                    found.add(table)
        return found


_TABLES = text(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'outbox\\_%'"
    " AND has_table_privilege(schemaname || '.' || tablename, 'SELECT')"
)


@pytest.fixture
def person(service: Service, tokens: TestTokens, staff: Client) -> Person:
    made = Person(service, tokens, staff)
    assert {"orders", "quotes", "quote_revisions", "standing_orders", "outbox"} <= made.where()
    return made


def test_the_name_of_an_erased_account_is_nowhere(service: Service, person: Person, staff: Client) -> None:
    others = len(published(service.db))
    person.erase()
    assert person.where() == set()
    now = ordered.read(staff, person.order)
    assert (now["requester"], now["status"]) == ({"id": person.id, "label": None}, person.order["status"])
    news = published(service.db)[others:]
    assert {one.type for one in news} == {
        *("ordering.order.updated.v1", "ordering.quote.updated.v1", "ordering.standing_order.updated.v1")
    }, "readers hear of what they keep"
    person.erase()
    assert len(published(service.db)) == others + len(news), "nothing is told twice"


def test_it_is_nowhere_either_where_its_customer_was_merged(service: Service, person: Person) -> None:
    survivor = ordered.company(service)
    deliver(service, Merge(survivor, person.customer).tell("merged"))
    person.erase(survivor)
    assert person.where() == set()


def test_versions_of_what_was_erased_have_no_gap(service: Service, person: Person) -> None:
    person.erase()
    for record in (person.order, person.quote, person.standing):
        versions = [one.version for one in published(service.db) if one.subject == record["id"]]
        assert versions == list(range(1, len(versions) + 1))


def test_a_contact_that_uses_a_service_is_forgotten_and_readers_hear_of_it(
    service: Service, person: Person, staff: Client
) -> None:
    contact, request = new_id(), new_id()
    with service.db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO services (id, number, customer_id, status, name, quantity, started_on, person_id,"
                " person_label, version, created_at, updated_at) VALUES (gen_random_uuid(), :number, :customer,"
                " 'active', 'Line', 1, '2026-01-01', :person, :label, 1, now(), now())"
            ),
            {"number": contact, "customer": person.customer, "person": contact, "label": "Ines Park"},
        )
    erased = told.example(
        "customer.contact.erased.v1",
        *(contact, 3),
        id=contact,
        customer_id=person.customer,
        request_id=request,
        erased_ids=[contact],
    )
    deliver(service, replace(erased, partition_key=person.customer, customer_id=person.customer))
    [changed] = [one for one in published(service.db, "ordering.service.changed.v1") if one.data["number"] == contact]
    assert (changed.data["person"], changed.version) == ({"id": contact, "label": None}, 2)
    [answer] = [
        one for one in published(service.db, "ordering.erasure.completed.v1") if one.data["request_id"] == request
    ]
    assert answer.data["counts"]["services"] == 1
