"""People, customers and signed-in clients for the suites of this service."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from common.context import Context
from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver
from common.testing.events import event
from identity.domain.accounts import Account
from identity.use_cases import account_changes, guest_grants
from identity.use_cases.hashing import Hasher
from identity.use_cases.passwords import set_password

PASSWORD = "correct horse battery"
HASHED = Hasher().hash(PASSWORD)


@dataclass(frozen=True, slots=True)
class People:
    """Makes accounts that can sign in at once."""

    service: Service

    def staff(self, *roles: str, **fields: Any) -> Account:
        """An active staff account with PASSWORD and the roles."""
        id_ = fields.pop("id", new_id())
        return self._made(Account(id=id_, kind="staff", **self._defaults(id_) | {"roles": roles} | fields))

    def portal(self, customer_id: str, *roles: str, **fields: Any) -> Account:
        """An active portal account of a customer with PASSWORD and the roles."""
        id_ = fields.pop("id", new_id())
        own = {"roles": roles, "customer_id": customer_id}
        return self._made(Account(id=id_, kind="portal", **self._defaults(id_) | own | fields))

    def of(self, account_id: str) -> Any:
        """The row of an account."""
        with self.service.db.transaction() as session:
            return session.execute(text("SELECT * FROM accounts WHERE id = :id"), {"id": account_id}).mappings().one()

    def sessions(self, account_id: str) -> int:
        """How many sessions an account has."""
        with self.service.db.transaction() as session:
            counted = text("SELECT count(*) FROM sessions WHERE account_id = :id")
            return int(session.execute(counted, {"id": account_id}).scalar_one())

    def revoked(self) -> set[str]:
        """Every sid that gateways refuse."""
        with self.service.db.transaction() as session:
            return set(session.scalars(text("SELECT sid::text FROM revocations")))

    @staticmethod
    def _defaults(id_: str) -> dict[str, Any]:
        return {"username": f"user-{id_}@example.test", "display_name": "Ada Byron", "status": "active"}

    def _made(self, account: Account) -> Account:
        with self.service.db.transaction(context=Context()) as session:
            made = account_changes.create(session, account)
            if made.status != "invited":
                set_password(session, made.id, HASHED)
        return made


@dataclass(slots=True)
class Signed:
    """Somebody who has signed in: the client sends the access token."""

    client: Client
    tokens: dict[str, Any]
    sid: str


@dataclass(slots=True)
class World:
    """Customers as this service hears of them."""

    service: Service

    def customer(self, **fields: Any) -> str:
        """A new customer; returns its id."""
        id_ = fields.pop("id", new_id())
        self.tell("created", id_, 1, **fields)
        return id_

    def tell(self, verb: str, id_: str, version: int, **fields: Any) -> None:
        """An event of a customer: `archive` is the id of an archive."""
        archive = fields.pop("archive", None)
        told = {"id": archive, "reason": "moved away", "at": "2026-03-02T09:30:00Z"} if archive else None
        data = {
            "id": id_,
            "number": f"C-{id_[-12:]}",
            "kind": "business",
            "status": "archived" if verb == "archived" else "active",
            "name": "Alderwick Clinics",
            "dba_name": None,
            "parent_id": None,
            "group_id": None,
            "external_ids": [],
            "primary_contact_id": None,
            "archive": told,
            "created_at": "2026-03-02T09:30:00Z",
            "updated_at": "2026-03-02T09:30:00Z",
            "batch_id": None,
            "changes": [],
        } | fields
        self._deliver(f"customer.customer.{verb}.v1", id_, version, data, id_)

    def accepts(self, customer: str, accept: bool = True) -> None:
        """The customer accepts roles that flow down from its present parent, or no longer."""
        with self.service.db.transaction(context=Context()) as session:
            version = account_changes.lock_access(session, customer)
            guest_grants.accept_from_parent(session, customer, version, accept)

    def contact(self, verb: str, id_: str, customer_id: str, version: int) -> None:
        """An event of a contact."""
        data = {
            "id": id_,
            "customer_id": customer_id,
            "name": "Tomas Hlavka",
            "title": None,
            "department": None,
            "emails": [],
            "phones": [],
            "roles": [],
            "batch_id": None,
            "changes": [],
        }
        self._deliver(f"customer.contact.{verb}.v1", id_, version, data, customer_id)

    def merge(
        self,
        verb: str,
        merge_id: str,
        survivor: str,
        *losers: str,
        archives: dict[str, str],
        login_of: str | None = None,
    ) -> None:
        """Customers became one, or are apart again; `archives` are those that the merge made."""
        data = {
            "id": merge_id,
            "survivor": {"id": survivor, "number": "C-1", "name": "Alderwick Clinics"},
            "losers": [{"id": loser, "number": f"C-{loser[-12:]}", "name": "Alderwick"} for loser in losers],
            "id_map": dict.fromkeys(losers, survivor),
            "archive_ids": archives,
            "login_of": login_of,
            "counts": {},
            "changes": [],
        }
        version = 1 if verb == "merged" else 2
        self._deliver(f"customer.customer.{verb}.v1", merge_id, version, data, survivor)

    def moves(self, customer: str, username: str | None, kind: str = "in") -> None:
        """The customer has moved; where a user name is given, its login is to be invited."""
        path = Path(__file__).parents[3] / "contracts" / "events" / "customer.move.executed" / "v1" / "examples"
        usual = json.loads((path / "usual.json").read_text())["data"]
        invite = {"username": username, "email": "office@alder.example"} if username else None
        data = usual | {"id": new_id(), "kind": kind, "customer_id": customer, "invite": invite}
        self._deliver("customer.move.executed.v1", data["id"], 1, data, customer)

    def erase_contact(self, contact: str, customer: str, request: str, version: int = 9) -> None:
        """The contact is erased on the request of that id."""
        data = {
            "id": contact,
            "customer_id": customer,
            "request_id": request,
            "erased_ids": [contact],
            "everything": False,
            "changes": [],
        }
        self._deliver("customer.contact.erased.v1", contact, version, data, customer)

    def _deliver(self, type_: str, id_: str, version: int, data: dict[str, Any], customer_id: str) -> None:
        deliver(self.service, event(type_, id_, data, version=version, customer_id=customer_id))
