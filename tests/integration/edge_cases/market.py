"""A marketplace on the whole product, and what the provider's staff and the people of its customers do there.

Everybody speaks to the gateway. Only two things look into databases: whether a service has heard of an event, and what
no address tells."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import requests

from common.testing import eventually
from identity.domain.permissions import PERMISSIONS
from integration.product import Product
from integration.saga import rows

PASSWORD = "Nine-Green-Lanterns-8"
FEW, OFTEN = 30, 0.05
_FRESH_FOR = 120

Record = dict[str, Any]


class Caller:
    """Somebody who holds a token. What is asked has to succeed, unless `refused` is asked."""

    def __init__(self, market: "Market", token: Callable[[], str], account_id: str = "", username: str = "") -> None:
        self.market, self.account_id, self.username = market, account_id, username
        self._token = token

    def answer(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Whatever is answered."""
        product = self.market.product
        return product.ask(method, path, self._token(), json=body, headers=headers)

    def get(self, path: str) -> Record:
        return _done(self.answer("GET", path))

    def items(self, path: str) -> list[Record]:
        return list(self.get(path)["items"])

    def post(self, path: str, heard_by: tuple[str, ...] = (), **body: Any) -> Record:
        return self._write("POST", path, body, heard_by)

    def patch(self, path: str, heard_by: tuple[str, ...] = (), **body: Any) -> Record:
        """Changes what was just read."""
        version = self.answer("GET", path).headers["ETag"]
        return self._write("PATCH", path, body, heard_by, **{"If-Match": version})

    def refused(self, path: str, *, program: bool = False, **body: Any) -> tuple[int, str]:
        """The status and code with which something is refused, in the same words by the gateway and by the service that
        owns the rule, whatever a page may hide; with `program` also to a program that has an API token."""
        told = self.market.refusal(self.answer("POST", path, body))
        assert self.market.refusal(self._directly(path, body)) == told
        if program:
            assert self.market.refusal(self.market.program.answer("POST", path, body)) == told
            self.market.refused_to_programs.add(told["code"])
        return told["status"], str(told["code"])

    def _directly(self, path: str, body: Record) -> requests.Response:
        product = self.market.product
        owner = "warehouse" if path.startswith("/returns") else "ordering"
        headers = {"Authorization": f"Bearer {self._token()}"}
        return product.session.post(product.programs[owner].web.url + path, json=body, headers=headers, timeout=30)

    def _write(self, method: str, path: str, body: Record, heard_by: tuple[str, ...], **headers: str) -> Record:
        answer = self.answer(method, path, body, **headers)
        content = _done(answer)
        for service in heard_by:
            self.market.wait_for(answer.headers["Event-Id"], service)
        return content


class Market:
    """A warehouse, a price list in euros, and whoever comes to buy."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.refusals: set[str] = set()
        self.refused_to_programs: set[str] = set()
        self._numbers = count(1)
        self._signed: tuple[float, str] = (0.0, "")
        self.staff = Caller(self, self._staff_token)
        self.euros = self.staff.post("/price-lists", code="STD", name="All", kind="standard", currency="EUR")["id"]
        self.staff.post("/warehouses", code="MAIN", name="Main")
        token = self.staff.post("/api-tokens", name="partner", scopes=sorted(PERMISSIONS))["token"]
        self.program = Caller(self, lambda: str(token))

    def _staff_token(self) -> str:
        """Tokens live for five minutes."""
        at, token = self._signed
        if time.monotonic() - at > _FRESH_FOR or not token:
            token = self.product.sign_in()
            self._signed = (time.monotonic(), token)
        return token

    # ---- who comes ----

    def customer(self, parent: str | None = None, **switches: str) -> str:
        """A customer that identity, ordering and the warehouse know, which orders from the marketplace."""
        body = {"kind": "business", "name": f"Edge {next(self._numbers):03d} Ltd", "parent_id": parent}
        made = self.staff.post("/customers", **body, heard_by=("identity", "portal-settings", "ordering", "warehouse"))
        self.switch(made["id"], **({"order_authorization": "on", "auto_confirm_orders": "on"} | switches))
        return str(made["id"])

    def switch(self, customer_id: str, *, cascade: bool = False, **values: str) -> None:
        """Decides switches, and returns once those who obey know."""
        body: Record = {"settings": values, "cascade": cascade}
        if values.get("hr_sync_enabled") == "on":
            body["licence_acknowledgement"] = {"fee_note": "Two euros a person and month."}
        self.staff.patch(f"/customers/{customer_id}/portal-settings", heard_by=("ordering", "warehouse"), **body)

    def own_warehouse(self, customer_id: str) -> None:
        """What the customer returns goes there."""
        self.staff.post(f"/customers/{customer_id}/warehouse")

    def person(self, customer_id: str, *roles: str, subtree: bool = False) -> Caller:
        """Somebody who was invited, has accepted and has signed in."""
        name = f"person-{next(self._numbers)}@example.test"
        body = {"username": name, "display_name": name.title(), "roles": list(roles), "subtree": subtree}
        made = self.staff.post(f"/customers/{customer_id}/users", **body)
        accepted = f"/invitations/{made['invitation']['token']}/acceptance"
        answer = self.product.ask("POST", accepted, json={"password": PASSWORD})
        assert answer.status_code in {200, 201}, answer.text
        self.people_are_known(customer_id)
        return self.signed_in(name, made["id"])

    def people_are_known(self, customer_id: str) -> None:
        """Returns once ordering has heard of everything that identity has told of the people of a customer."""
        identity = self.product.programs["identity"].service
        told = "SELECT id::text FROM outbox WHERE subject = :id AND type = 'identity.access.changed.v1'"
        for event_id in rows(identity, told, id=customer_id):
            self.wait_for(event_id, "ordering")

    def signed_in(self, username: str, account_id: str) -> Caller:
        """Somebody with a session of today."""
        token = self.sign_in(username).json()["access_token"]
        return Caller(self, lambda: str(token), account_id, username)

    def sign_in(self, username: str) -> requests.Response:
        return self.product.ask("POST", "/sessions", json={"username": username, "password": PASSWORD})

    # ---- what is sold ----

    def listing(self, stock: int = 0, amount: str = "10.00", **fields: Any) -> Record:
        """A published listing at a price, with so many on hand."""
        sku = f"EDGE-{next(self._numbers):04d}"
        body = {"sku": sku, "name": f"Thing {sku}", "kind": "stock", "audience": "global"} | fields
        made = self.staff.post("/listings", **body)
        self.price(made, amount)
        headers = {"If-Match": f'"v{made["version"]}"'}
        published = self.staff.answer("POST", f"/listings/{made['id']}/publication", {}, **headers)
        self.wait_for(published.headers["Event-Id"], "warehouse")
        if stock:
            self.receive(made, stock)
        return _done(published)

    def price(self, listing: Mapping[str, Any], amount: str, price_list: str | None = None) -> None:
        price = {"listing_id": listing["id"], "amount": amount}
        self.staff.post(f"/price-lists/{price_list or self.euros}/prices", prices=[price])

    def receive(self, listing: Mapping[str, Any], quantity: int, **line: Any) -> None:
        line = {"sku": listing["sku"], "quantity": quantity} | line
        self.staff.post("/stock/receipts", warehouse="MAIN", lines=[line])

    def withdraw(self, listing: Mapping[str, Any]) -> None:
        version = self.staff.answer("GET", f"/listings/{listing['id']}").headers["ETag"]
        _done(self.staff.answer("POST", f"/listings/{listing['id']}/retirement", {}, **{"If-Match": version}))

    # ---- what is ordered ----

    def draft(self, who: Caller, customer_id: str, *lines: tuple[Mapping[str, Any], int], **fields: Any) -> Record:
        wanted = [{"listing_id": listing["id"], "quantity": quantity} for listing, quantity in lines]
        return who.post("/orders", customer_id=customer_id, lines=wanted, **fields)

    def order(self, who: Caller, customer_id: str, *lines: tuple[Mapping[str, Any], int], **fields: Any) -> Record:
        """A submitted order."""
        return who.post(f"/orders/{self.draft(who, customer_id, *lines, **fields)['id']}/submission")

    def read(self, order: Mapping[str, Any]) -> Record:
        return self.staff.get(f"/orders/{order['id']}")

    def until(self, order: Mapping[str, Any], status: str, **quantities: int) -> Record:
        """The order, once it has this status, and these quantities on its first line."""
        wanted = {f"quantity_{name}": quantity for name, quantity in quantities.items()}

        def there() -> Record | None:
            found = self.read(order)
            return found if found["status"] == status and wanted.items() <= found["lines"][0].items() else None

        return eventually(there, FEW, every=OFTEN)  # type: ignore[return-value]

    def settled(self, order: Mapping[str, Any]) -> str:
        """The status of an order, once the warehouse has answered all that it was asked, and ordering has heard it."""
        for teller, reader in (("ordering", "warehouse"), ("warehouse", "ordering")) * 2:
            told = "SELECT id::text FROM outbox WHERE subject = :id AND type = ANY (:types)"
            types = list(self.product.programs[reader].service.contracts.consumed_by(reader))
            for event_id in rows(self.product.programs[teller].service, told, id=order["id"], types=types):
                self.wait_for(event_id, reader)
        return str(self.read(order)["status"])

    def confirm(self, order: Mapping[str, Any]) -> None:
        """Staff confirms, once the warehouse has answered."""
        path = f"/orders/{order['id']}/confirmation"
        eventually(lambda: self.staff.answer("POST", path, {}).status_code == 200, FEW, every=OFTEN)

    def ship(self, order: Mapping[str, Any], **fields: Any) -> Record:
        """Sends what is allocated, once it is; the shipment."""
        body = {"order_id": order["id"]} | fields

        def planned() -> Record | None:
            answer = self.staff.answer("POST", "/shipments", body)
            return dict(answer.json()) if answer.status_code == 201 else None

        made: Record = eventually(planned, FEW, every=OFTEN)  # type: ignore[assignment]
        return self.staff.post(f"/shipments/{made['id']}/dispatch")

    def approval(self, order: Mapping[str, Any]) -> Record:
        """The approval that is asked for."""
        [found] = self.staff.items(f"/approvals?order_id={order['id']}&status=pending")
        return self.staff.get(f"/approvals/{found['id']}")

    def deciders(self, order: Mapping[str, Any]) -> set[str]:
        """The accounts that may decide on it now."""
        tier = next(tier for tier in self.approval(order)["tiers"] if tier["state"] == "present")
        return {one["account_id"] for asked in tier["requirements"] for one in asked["may_decide"]}

    def decide(self, who: Caller, order: Mapping[str, Any], decision: str = "approve") -> Record:
        asked = self.approval(order)
        body = {"decision": decision, "version": asked["version"], "comment": "Because"}
        return who.post(f"/approvals/{asked['id']}/decisions", **body)

    def rule(self, customer_id: str, *tiers: Mapping[str, Any], over: int = 0, **fields: Any) -> Record:
        """Orders of the customer above an amount ask its approvers, or other tiers."""
        asked = list(tiers) or [{"approvers": [{"kind": "role", "value": "approver"}], "mode": "any"}]
        predicate = {"field": "total", "op": "gt", "value": over}
        body = {"customer_id": customer_id, "name": "Ask", "currency": "EUR", "predicate": predicate, "tiers": asked}
        return self.staff.post("/approval-rules", **(body | fields))

    def limit(self, customer_id: str, amount: str | None, **fields: Any) -> Record:
        """A limit in euros of the whole company, for ever unless `fields` say otherwise; None is no limit."""
        body = {"customer_id": customer_id, "name": "Limit", "scope": "company", "kind": "per_period"}
        body |= {"period": "none", "action": "block", "amount": amount and {"amount": amount, "currency": "EUR"}}
        return self.staff.post("/purchase-limits", **(body | fields))

    # ---- what is true in the warehouse ----

    def stock(self, listing: Mapping[str, Any]) -> tuple[int, int, int]:
        """(on hand, reserved, allocated)."""
        items = self.staff.items(f"/stock?sku={listing['sku']}")
        return tuple(sum(item[name] for item in items) for name in ("on_hand", "reserved", "allocated"))  # type: ignore[return-value]

    def until_stock(self, listing: Mapping[str, Any], *expected: int) -> None:
        """Returns when (on hand, reserved, allocated) is that."""
        eventually(lambda: self.stock(listing) == expected, FEW, every=OFTEN)

    def reservation(self, order: Mapping[str, Any]) -> Record:
        return self.staff.get(f"/reservations/{order['id']}")

    # ---- refusals and messages ----

    def refusal(self, answer: requests.Response) -> Record:
        """What is told to who is refused, without what tells one request apart; noted for the end."""
        assert answer.status_code >= 400, answer.text
        told = {name: value for name, value in answer.json().items() if name != "instance"}
        assert told["detail"].rstrip(".") != told["title"], "says what to do next"
        self.refusals.add(told["code"])
        return told | {"status": answer.status_code}

    def wait_for(self, event_id: str, service: str) -> None:
        """Returns once a service has handled an event."""
        reader = self.product.programs[service].service
        heard = "SELECT event_id FROM inbox WHERE event_id = CAST(:id AS uuid)"
        eventually(lambda: rows(reader, heard, id=event_id), FEW)


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What these return that begin at the same moment, in their order."""
    gate = Barrier(len(actions), timeout=30)

    def run(action: Callable[[], Any]) -> Any:
        gate.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def _done(answer: requests.Response) -> Record:
    assert answer.status_code in {200, 201, 202, 204}, (answer.request.path_url, answer.text)
    return dict(answer.json()) if answer.content else {}
