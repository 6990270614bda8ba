"""What people do with the customer record, chosen at random: valid work, late work and nonsense alike.

Every request is either carried out or refused with a problem that has a code; anything else is an error of the product.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from common.testing import Client

Answer = dict[str, Any]

FIRST_DAY = date(2026, 1, 1)
DAYS = 400
CITIES = ("Aachen", "Bergen", "Graz", "Łódź", "Málaga")
NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel")
PURPOSES = ("billing", "ship_to", "site", "legal")
ROLES = ("buyer", "approver", "finance", "technical")
MOST_CUSTOMERS, MOST_OTHERS = 40, 25


class Things:
    """The things of one kind that the worker knows of, as they were last answered: some may have changed since."""

    def __init__(self, choice: random.Random) -> None:
        self._choice = choice
        self._known: dict[str, Answer] = {}

    def __len__(self) -> int:
        return len(self._known)

    def keep(self, answer: Answer) -> None:
        self._known[answer["id"]] = answer

    def forget(self, thing_id: str) -> None:
        self._known.pop(thing_id, None)

    def any(self) -> Answer | None:
        return self._known[self._choice.choice(list(self._known))] if self._known else None

    def some(self, most: int) -> list[Answer]:
        return self._choice.sample(list(self._known.values()), min(len(self._known), self._choice.randint(1, most)))


class Worker:
    """Carries out one random step after the other; the same numbers give the same work."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._choice = random.Random()
        self.carried_out = self.refused = 0
        names = ("customers", "contacts", "addresses", "groups", "properties", "assignments", "moves", "links")
        self._things = {name: Things(self._choice) for name in names}

    def steps(self, seed: int, count: int) -> None:
        """`count` steps."""
        self._choice.seed(seed)
        for _ in range(count):
            step, weight = self._choice.choices(STEPS, [weight for _, weight in STEPS])[0]
            assert weight
            step(self)

    # ---- customers ----

    def create_customer(self) -> None:
        if len(self._things["customers"]) >= MOST_CUSTOMERS:
            return
        parent, group = self._any("customers"), self._any("groups")
        made = self._ask(
            "POST",
            "/customers",
            {
                "name": self._name(),
                "kind": self._pick("business", "business", "person"),
                "parent_id": parent["id"] if parent and self._often() else None,
                "group_id": group["id"] if group and self._often() else None,
                "contacts": [self._contact() for _ in range(self._choice.randint(0, 2))],
                "addresses": [self._address() for _ in range(self._choice.randint(0, 2))],
            },
        )
        if made:
            self._things["customers"].keep(made)
            for part in ("contacts", "addresses"):
                for one in made[part]:
                    self._things[part].keep(one | {"customer_id": made["id"]})

    def change_customer(self) -> None:
        customer = self._any("customers")
        if customer is None:
            return
        other, group = self._any("customers"), self._any("groups")
        possible: list[Answer] = [
            {"name": self._name()},
            {"dba_name": self._name()},
            {"parent_id": other["id"] if other else None},
            {"parent_id": None},
            {"group_id": group["id"] if group else None},
            {"kind": self._pick("business", "person")},
        ]
        content: Answer = {}
        for part in self._choice.sample(possible, 2):
            content |= part
        self._change("customers", customer, f"/customers/{customer['id']}", content)

    def archive(self) -> None:
        self._command("customers", "/customers/{id}/archival", {"reason": "closed"})

    def restore(self) -> None:
        self._command("customers", "/customers/{id}/restoration", {})

    def delete_customer(self) -> None:
        customer = self._any("customers")
        if customer and self._remove(f"/customers/{customer['id']}", customer):
            self._things["customers"].forget(customer["id"])

    # ---- contacts and addresses ----

    def add_contact(self) -> None:
        self._add("contacts", self._contact())

    def change_contact(self) -> None:
        content = {"name": self._name(), "primary": self._pick(True, True, False), "roles": self._some(ROLES)}
        self._change_part("contacts", content)

    def remove_contact(self) -> None:
        self._remove_part("contacts")

    def set_primary(self) -> None:
        customer, contact = self._any("customers"), self._any("contacts")
        if customer and contact:
            path = f"/customers/{customer['id']}/primary-contact"
            self._ask("PUT", path, {"contact_id": contact["id"]}, version=self._now(customer))

    def add_address(self) -> None:
        self._add("addresses", self._address())

    def change_address(self) -> None:
        self._change_part("addresses", {"city": self._pick(*CITIES), "purposes": self._purposes()})

    def remove_address(self) -> None:
        self._remove_part("addresses")

    # ---- groups ----

    def create_group(self) -> None:
        if len(self._things["groups"]) < MOST_OTHERS:
            self._make("groups", "/customer-groups", {"name": f"{self._name()} group"})

    def rename_group(self) -> None:
        group = self._any("groups")
        if group:
            self._change("groups", group, f"/customer-groups/{group['id']}", {"name": f"{self._name()} group"})

    def fill_group(self) -> None:
        group, members = self._any("groups"), self._things["customers"].some(5)
        if group and members:
            ids = [member["id"] for member in members]
            self._ask("POST", f"/customer-groups/{group['id']}/customers", {"customer_ids": ids})

    # ---- places ----

    def create_property(self) -> None:
        if len(self._things["properties"]) < MOST_OTHERS:
            where = {"line1": "1 Street", "city": self._pick(*CITIES), "country": "DE"}
            self._make("properties", "/properties", {"name": self._name(), **where})

    def assign(self) -> None:
        customer, place = self._any("customers"), self._any("properties")
        if customer and place:
            period = self._period()
            role = self._pick("occupant", "occupant", "owner", "payer")
            content = {"property_id": place["id"], "role": role, **period}
            self._make("assignments", f"/customers/{customer['id']}/properties", content, customer_id=customer["id"])

    def change_assignment(self) -> None:
        self._change_part("assignments", {**self._period(), "reason": "corrected"}, "properties")

    def remove_assignment(self) -> None:
        self._remove_part("assignments", "properties")

    def move_in(self) -> None:
        self._move("/move-ins")

    def move_out(self) -> None:
        self._move("/move-outs")

    # ---- links ----

    def link(self) -> None:
        customer, other = self._any("customers"), self._any("customers")
        kinds = self._client.get("/link-types").json["items"]
        if customer and other and kinds:
            content = {"type": self._choice.choice(kinds)["code"], "customer_id": other["id"]}
            self._make("links", f"/customers/{customer['id']}/links", content, customer_id=customer["id"])

    def unlink(self) -> None:
        self._remove_part("links")

    # ---- how a request is made ----

    def _ask(self, method: str, path: str, content: Answer | None = None, version: int | None = None) -> Answer | None:
        answer = self._client.request(method, path, json=content, version=version)
        if answer.status_code < 300:
            self.carried_out += 1
            return answer.json if answer.status_code != 204 else {}
        assert 400 <= answer.status_code < 500, (method, path, content, answer.text)
        assert answer.json["code"]
        self.refused += 1
        return None

    def _make(self, kind: str, path: str, content: Answer, **more: Any) -> None:
        made = self._ask("POST", path, content)
        if made and "id" in made:
            self._things[kind].keep(made | more)

    def _add(self, kind: str, content: Answer) -> None:
        customer = self._any("customers")
        if customer:
            self._make(kind, f"/customers/{customer['id']}/{kind}", content, customer_id=customer["id"])

    def _change(self, kind: str, thing: Answer, path: str, content: Answer) -> None:
        changed = self._ask("PATCH", path, content, version=self._now(thing))
        if changed:
            self._things[kind].keep(thing | changed)

    def _change_part(self, kind: str, content: Answer, segment: str = "") -> None:
        part = self._any(kind)
        if part:
            self._change(kind, part, f"/customers/{part['customer_id']}/{segment or kind}/{part['id']}", content)

    def _remove_part(self, kind: str, segment: str = "") -> None:
        part = self._any(kind)
        if part and self._remove(f"/customers/{part['customer_id']}/{segment or kind}/{part['id']}", part):
            self._things[kind].forget(part["id"])

    def _remove(self, path: str, thing: Answer) -> bool:
        return self._ask("DELETE", path, version=self._now(thing)) is not None

    def _command(self, kind: str, path: str, content: Answer) -> None:
        thing = self._any(kind)
        if thing:
            answer = self._ask("POST", path.format(id=thing["id"]), content)
            if answer:
                self._things[kind].keep(thing | answer)

    def _move(self, path: str) -> None:
        customer, place = self._any("customers"), self._any("properties")
        if customer and place:
            self._ask("POST", path, {"customer_id": customer["id"], "property_id": place["id"], "date": self._day()})

    # ---- what is chosen ----

    def _any(self, kind: str) -> Answer | None:
        return self._things[kind].any()

    def _now(self, thing: Answer) -> int:
        """The version that the worker has read, now and then an older one."""
        version = int(thing.get("version", 1))
        return version if self._choice.random() < 0.95 else max(1, version - 1)

    def _pick(self, *values: Any) -> Any:
        return self._choice.choice(values)

    def _some(self, values: tuple[str, ...]) -> list[str]:
        return self._choice.sample(values, self._choice.randint(0, len(values)))

    def _often(self) -> bool:
        return self._choice.random() < 0.5

    def _name(self) -> str:
        return f"{self._pick(*NAMES)} {self._choice.randint(1, 99)}"

    def _day(self) -> str:
        return (FIRST_DAY + timedelta(days=self._choice.randrange(DAYS))).isoformat()

    def _period(self) -> Answer:
        start, end = sorted((self._day(), self._day()))
        return {"from": start, "to": self._pick(end, end, None)}

    def _contact(self) -> Answer:
        emails = [{"address": f"{self._choice.randint(1, 999)}@example.test"}]
        return {"name": self._name(), "emails": emails if self._often() else []}

    def _address(self) -> Answer:
        content = {"line1": "1 Street", "city": self._pick(*CITIES), "country": "DE"}
        return content | ({"purposes": self._purposes()} if self._often() else {})

    def _purposes(self) -> list[Answer]:
        chosen = self._some(PURPOSES) or ["billing"]
        return [{"purpose": purpose, "default": self._pick(True, False)} for purpose in chosen]


STEPS: list[tuple[Callable[[Worker], None], int]] = [
    (Worker.create_customer, 6),
    (Worker.change_customer, 10),
    (Worker.archive, 3),
    (Worker.restore, 5),
    (Worker.delete_customer, 1),
    (Worker.add_contact, 5),
    (Worker.change_contact, 6),
    (Worker.remove_contact, 3),
    (Worker.set_primary, 3),
    (Worker.add_address, 4),
    (Worker.change_address, 6),
    (Worker.remove_address, 2),
    (Worker.create_group, 1),
    (Worker.rename_group, 1),
    (Worker.fill_group, 2),
    (Worker.create_property, 2),
    (Worker.assign, 6),
    (Worker.change_assignment, 4),
    (Worker.remove_assignment, 2),
    (Worker.move_in, 4),
    (Worker.move_out, 2),
    (Worker.link, 4),
    (Worker.unlink, 2),
]
