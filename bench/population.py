"""Customers of a benchmark, the same in every run: a business with one contact and one address each.

First words of names are many and share beginnings, so that a search by prefix finds about as large a share of few
customers as of many.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from common.envelope import Event

MOMENT = "2026-03-02T09:30:00.000000Z"
_ONSETS = ("b", "br", "d", "f", "g", "h", "k", "kl", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "w", "z")
_VOWELS = ("a", "e", "i", "o", "u")
_TRADES = (
    "Bau",
    "Druck",
    "Energie",
    "Handel",
    "Logistik",
    "Maschinen",
    "Medien",
    "Optik",
    "Papier",
    "Technik",
    "Werke",
)
_FORMS = ("AG", "GmbH", "KG", "Ltd", "SE")
_FIRST = ("Ada", "Ben", "Cleo", "Dana", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jana")
_CITIES = (
    "Aachen",
    "Basel",
    "Bergen",
    "Bremen",
    "Genf",
    "Graz",
    "Kiel",
    "Linz",
    "Lyon",
    "Mainz",
    "Turin",
    "Ulm",
    "Wien",
)
_SPACE = uuid.UUID("6b1c2f2e-5a58-4d0e-9a0e-5d0f7f3f2a11")


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer of one number, 0 and up."""

    ordinal: int

    @property
    def id(self) -> str:
        return _id("customer", self.ordinal)

    @property
    def contact_id(self) -> str:
        return _id("contact", self.ordinal)

    @property
    def address_id(self) -> str:
        return _id("address", self.ordinal)

    @property
    def number(self) -> str:
        return f"K{self.ordinal + 1:07}"

    @property
    def word(self) -> str:
        """The first word of the name: one of 10,000."""
        mixed = self.ordinal * 7919 % 10_000
        first, rest = divmod(mixed, 100)
        return f"{_syllable(first)}{_syllable(rest)}".capitalize()

    @property
    def name(self) -> str:
        trade = _TRADES[self.ordinal // 3 % len(_TRADES)]
        return f"{self.word} {trade} {_FORMS[self.ordinal % len(_FORMS)]}"

    @property
    def contact(self) -> dict[str, Any]:
        """The data of the contact's event."""
        name = f"{_FIRST[self.ordinal % len(_FIRST)]} {_syllable(self.ordinal % 97).capitalize()}mann"
        email = f"{name.lower().replace(' ', '.')}@{self.word.lower()}.example"
        return {
            "id": self.contact_id,
            "customer_id": self.id,
            "name": name,
            "title": None,
            "department": None,
            "emails": [{"label": "work", "address": email, "default": True}],
            "phones": [{"label": "work", "number": f"+49 30 {self.ordinal:07}", "default": True}],
            "roles": [],
            "batch_id": None,
            "changes": [],
        }

    @property
    def address(self) -> dict[str, Any]:
        """The data of the address's event."""
        return {
            "id": self.address_id,
            "customer_id": self.id,
            "purposes": [{"purpose": "billing", "default": True}, {"purpose": "ship_to", "default": True}],
            "line1": f"Hauptstrasse {self.ordinal % 200 + 1}",
            "line2": None,
            "city": _CITIES[self.ordinal % len(_CITIES)],
            "region": None,
            "postal_code": f"{10_000 + self.ordinal % 80_000}",
            "country": "DE",
            "batch_id": None,
            "changes": [],
        }

    @property
    def tag(self) -> str:
        """A tag that many customers carry."""
        return _id("tag", self.ordinal % 40)

    @property
    def classes(self) -> dict[str, Any]:
        """What the provider sorts it by, where a benchmark wants that: few values of some kinds, more of others."""
        mixed = self.ordinal * 2_654_435_761 % 2**32
        return {
            "kind": "person" if mixed % 11 == 0 else "business",
            "status": "archived" if mixed % 23 == 0 else "active",
            "group_id": _id("group", mixed // 7 % 60) if mixed % 3 else None,
            "lifecycle": ("customer", "customer", "customer", "prospect", "lead")[mixed // 13 % 5],
            "tag_ids": [_id("tag", mixed // 29 % 40)] if mixed % 2 else [],
            "custom_fields": {"tier": ("gold", "silver", "bronze")[mixed // 31 % 3]} if mixed % 5 else {},
        }

    @property
    def customer(self) -> dict[str, Any]:
        """The data of the customer's event."""
        return {
            "id": self.id,
            "number": self.number,
            "kind": "business",
            "status": "active",
            "name": self.name,
            "dba_name": None,
            "parent_id": None,
            "group_id": None,
            "external_ids": [],
            "primary_contact_id": self.contact_id,
            "archive": None,
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "batch_id": None,
            "changes": [],
        }

    def events(self, *, classified: bool = False) -> Iterator[Event]:
        """What was published when it was created."""
        data = self.customer | (self.classes if classified else {})
        yield self._event("customer.customer.created.v1", self.id, data)
        yield self._event("customer.contact.added.v1", self.contact_id, self.contact)
        yield self._event("customer.address.added.v1", self.address_id, self.address)

    def _event(self, event_type: str, subject: str, data: dict[str, Any]) -> Event:
        return Event(
            id=_id(event_type, self.ordinal),
            type=event_type,
            source="urn:atrium:customer",
            subject=subject,
            time=MOMENT,
            version=1,
            partition_key=self.id,
            customer_id=self.id,
            data=data,
        )


def customers(count: int) -> Iterator[Customer]:
    """The first customers."""
    return (Customer(ordinal) for ordinal in range(count))


def load(url: str, count: int) -> None:
    """Puts customers with contact and address into the tables of `customer`, as the superuser, and vacuums."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with cursor.copy(
            "COPY customers (id, kind, number, status, name, primary_contact_id, created_at, updated_at) FROM STDIN"
        ) as copy:
            for one in customers(count):
                copy.write_row((one.id, "business", one.number, "active", one.name, one.contact_id, MOMENT, MOMENT))
        with cursor.copy("COPY contacts (id, customer_id, name, emails, phones) FROM STDIN") as copy:
            for one in customers(count):
                person = one.contact
                emails, phones = (Jsonb(person[name]) for name in ("emails", "phones"))
                copy.write_row((one.contact_id, one.id, person["name"], emails, phones))
        columns = "id, customer_id, purposes, default_for, line1, city, postal_code, country"
        with cursor.copy(f"COPY addresses ({columns}) FROM STDIN") as copy:
            for one in customers(count):
                place = one.address
                purposes = [each["purpose"] for each in place["purposes"]]
                text = [place[name] for name in ("line1", "city", "postal_code", "country")]
                copy.write_row((one.address_id, one.id, purposes, purposes, *text))
    vacuum(url)


def vacuum(url: str) -> None:
    """VACUUM ANALYZE: a freshly loaded table has neither statistics nor a visibility map."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _syllable(number: int) -> str:
    return _ONSETS[number % len(_ONSETS)] + _VOWELS[number // len(_ONSETS) % len(_VOWELS)]


def _id(kind: str, ordinal: int) -> str:
    return str(uuid.uuid5(_SPACE, f"{kind} {ordinal}"))
