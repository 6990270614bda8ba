"""Companies that keep an inventory, for the suites of this service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from common.testing.events import event
from warehouse.domain.assets import SWITCH

ADMIN = ("assets.view", "assets.request", "assets.edit")
MEMBER = ("assets.view", "assets.request")

_numbers = count(1)
_versions = count(1)


@dataclass
class Company:
    """A customer with its people: `admin` keeps the inventory, `member` may look and ask."""

    service: Service
    tokens: TestTokens
    staff: Client
    id: str = field(default_factory=new_id)
    key: str = field(default_factory=lambda: f"C{next(_numbers)}")

    def __post_init__(self) -> None:
        self.admin = self.person(*ADMIN)
        self.member = self.person(*MEMBER)

    def person(self, *permissions: str) -> Client:
        """Somebody of the company, in the portal."""
        return client_for(self.service, self.tokens.portal({self.id: list(permissions)}))

    def person_called(self, label: str, account_id: str) -> Client:
        """Somebody who keeps the inventory, by name and account."""
        return client_for(self.service, self.tokens.portal({self.id: list(ADMIN)}, sub=account_id, name=label))

    def known(self, status: str = "active") -> None:
        """Makes the customer known."""
        customer = {"number": self.key, "name": "Alder", "status": status, "parent_id": None, "group_id": None}
        self._tell("customer.customer.updated.v1", {"id": self.id} | customer)

    def archive(self) -> None:
        self.known("archived")

    def decide(self, **switches: str) -> None:
        """Decides switches; those that are not named are not decided."""
        scope = {"scope": "customer", "values": switches, "locks": [], "licence": None}
        self._tell("portal-settings.scope.changed.v1", scope)

    def _tell(self, event_type: str, data: dict[str, Any]) -> None:
        told = event(event_type, self.id, data, version=next(_versions), customer_id=self.id)
        with self.service.db.transaction() as session:
            self.service.handlers[told.type](session, told)

    def create(self, **fields: Any) -> Any:
        """The answer to making an asset."""
        return self.admin.post("/assets", json={"customer_id": self.id, "name": "Laptop"} | fields)

    def asset(self, **fields: Any) -> Any:
        answer = self.create(**fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    def read(self, asset: Any) -> Any:
        return self.admin.get(f"/assets/{asset['id']}").json

    def do(self, asset: Any, command: str, **body: Any) -> Any:
        """Runs a command on an asset."""
        return self._ok(self.admin.post(f"/assets/{asset['id']}/{command}", json=body))

    def ask(self, **fields: Any) -> Any:
        """A request of the member."""
        answer = self.member.post("/asset-requests", json={"customer_id": self.id} | fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    def decide_on(self, request: Any, command: str, **body: Any) -> Any:
        """Runs a command on a request, by who keeps the inventory."""
        return self._ok(self.admin.post(f"/asset-requests/{request['id']}/{command}", json=body))

    def request(self, request: Any) -> Any:
        return self.staff.get(f"/asset-requests/{request['id']}").json

    def in_status(self, status: str) -> Any:
        """A new asset in this status."""
        asset = self.asset()
        ways: dict[str, Callable[[], Any]] = {
            "in_stock": lambda: None,
            "reserved": lambda: self.decide_on(self.ask(asset_id=asset["id"]), "approval"),
            "deployed": lambda: self.do(asset, "check-out", location="Room 9"),
            "in_repair": lambda: self.do(asset, "repair-start"),
            "in_transit": lambda: self._put_on_its_way(asset),
            "lost": lambda: self.do(asset, "loss"),
            "retired": lambda: self.do(asset, "retirement", reason="Old"),
        }
        ways[status]()
        return self.read(asset)

    def _put_on_its_way(self, asset: Any) -> None:
        with self.service.db.transaction() as session:
            session.execute(text("UPDATE assets SET status = 'in_transit' WHERE id = :id"), {"id": asset["id"]})

    @staticmethod
    def _ok(answer: Any) -> Any:
        assert answer.status_code == 200, answer.json
        return answer.json


def company(service: Service, tokens: TestTokens, staff: Client, **switches: str) -> Company:
    """A customer whose internal inventory is on, unless other switches are named."""
    made = Company(service, tokens, staff)
    made.known()
    made.decide(**(switches or {SWITCH: "on"}))
    return made


def entry_of(entry: Any, path: str) -> Any:
    """What an entry of a history says of a field."""
    [change] = [change for change in entry["changes"] if change["path"] == path]
    return change


def fields_of(entry: Any) -> dict[str, Any]:
    """The values before and after of an entry of a history, by field."""
    return {change["path"]: (change["before"], change["after"]) for change in entry["changes"]}


def every_verb(one: Company, follow: Callable[[], Any]) -> None:
    """Takes assets and requests through everything that is told of them; `follow` looks at the switches."""
    asset = one.asset()
    one.admin.patch(f"/assets/{asset['id']}", json={"note": "Spare"}, version=1)
    request = one.ask(asset_id=asset["id"])
    one.decide_on(request, "approval")
    for switched in ("off", "on"):
        one.decide(**{SWITCH: switched})
        follow()
    for command in ("check-out", "check-in"):
        one.do(asset, command)
    for command in ("denial", "cancellation"):
        one.decide_on(one.ask(model="M"), command, reason="No")
