"""A marketplace and its customers, each in the state in which something is refused them, and who asks."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from sqlalchemy import text

from common.ids import new_id
from common.testing import eventually
from identity.domain.permissions import PERMISSIONS

from .product import PASSWORD, Product
from .refused import Refused

ALL = sorted(PERMISSIONS)
ALL_ON = ("order_authorization", "inherit_global_marketplace", "allow_preorders", "internal_inventory_enabled")
# The switch that each customer's portal lacks.
SWITCHED_OFF = {
    "open": "",
    "no_ordering": "order_authorization",
    "no_market": "inherit_global_marketplace",
    "no_preorders": "allow_preorders",
    "no_inventory": "internal_inventory_enabled",
    "no_warehouse": "warehouse_enabled",
    "no_billing": "billing_enabled",
    "limited": "",
    "archived": "",
    "numbered": "",
    "approving": "",
    "locked": "",
}
SERVICES = {
    "portal-settings": "portal-settings",
    **dict.fromkeys(("users", "accounts", "api-tokens", "roles"), "identity"),
    **dict.fromkeys(("custom-fields", "customer-groups", "location-groups", "move-outs"), "customer"),
    **dict.fromkeys(("privacy-requests", "saved-filters", "segments", "system-types", "tags"), "customer"),
    **dict.fromkeys(("stock", "returns", "assets", "asset-requests", "transfers", "shipments", "claims"), "warehouse"),
    **dict.fromkeys(("reservations", "warehouses", "inbound-supplies"), "warehouse"),
    **dict.fromkeys(("charges", "pending-billing"), "billing"),
    **dict.fromkeys(("rules", "runs", "automation"), "automation"),
}


class Scene:
    """Staff has made drafts for every customer, and some of them are further by now."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.staff = product.sign_in()
        self.ids = {"unknown": new_id()}
        self._market()
        group = self.post("/customer-groups", {"name": "Locked"})["id"]
        for name in SWITCHED_OFF:
            given = {"group_id": group} if name == "locked" else {}
            self.ids[name] = self.post("/customers", {"kind": "business", "name": name} | given)["id"]
        self._lock(group)
        for name in SWITCHED_OFF:
            self._set(name, dict.fromkeys((*ALL_ON, "warehouse_enabled"), "on"))
        self.program = str(self.post("/api-tokens", {"name": "partner", "scopes": ALL})["token"])
        self.approver_id = self._approver()
        self._listing("internal", kind="internal", owner_id=self.ids["no_inventory"], audience="tree")
        for name in SWITCHED_OFF:
            for what in ("goods", "ahead"):
                self.ids[f"{name}.{what}"] = self._draft(name, what)
        self.ids["no_inventory.internal"] = self._draft("no_inventory", "internal")
        self._open_work()
        for name, key in SWITCHED_OFF.items():
            if key:
                self._set(name, {key: "off"} | ({"allow_preorders": "off"} if key == "warehouse_enabled" else {}))
        self._agreements()
        self._ends()
        for name in ("open", "locked", "archived"):
            answer = product.ask("GET", f"/customers/{self.ids[name]}/portal-settings", self.staff)
            self.ids[f"{name}.settings"] = answer.headers["ETag"]
        eventually(lambda: self._is_told() and self._is_told())

    def post(self, path: str, content: dict[str, Any], version: str = "", token: str = "") -> dict[str, Any]:
        """What staff, or who has the token, does; it has to be done."""
        headers = {"If-Match": version} if version else {}
        answer = self.product.ask("POST", path, token or self.staff, json=content, headers=headers)
        assert answer.status_code in {200, 201, 202}, (path, answer.text)
        return dict(answer.json())

    def asker(self, refused: Refused) -> str:
        """The token of who asks."""
        if refused.by == "staff":
            return self.staff
        if refused.by == "nobody":
            return ""
        held = [code for code in ALL if code != refused.without]
        claims = {"sub": self.approver_id} if refused.by == "approver" else {}
        claims |= {"exp": 1_700_000_000} if refused.by == "expired" else {}
        return self.product.tokens.portal({self.ids[refused.customer]: held}, **claims)

    def named(self, value: Any) -> Any:
        """A path or body with the scene's ids."""
        if isinstance(value, dict):
            return {key: self.named(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.named(one) for one in value]
        if isinstance(value, str):
            return re.sub(r"\{([\w.]+)\}", lambda match: self.ids[match[1]], value)
        return value

    def ask(self, refused: Refused, token: str, *, direct: bool = False) -> requests.Response:
        """Asks through the gateway, or the owning service itself."""
        method, _, path = str(self.named(refused.ask)).partition(" ")
        owner = next((SERVICES[part] for part in re.split(r"[/?]", path)[::-1] if part in SERVICES), "ordering")
        url = self.product.programs[owner].web.url if direct else f"{self.product.url}/api"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"If-Match": self.named(refused.version)} if refused.version else {}
        headers |= {"Idempotency-Key": f"{token[-20:]}.{direct}"} if refused.first else {}
        content: dict[str, Any] = {} if method == "GET" else {"json": self.named(refused.body)}
        if refused.raw:
            headers |= {"Content-Type": "application/json"}
            content = {"data": refused.raw}
        if refused.first:
            first = self.named(refused.first)
            made = self.product.session.request(method, url + path, headers=headers, timeout=30, json=first)
            assert made.status_code < 300, made.text
        return self.product.session.request(method, url + path, headers=headers, timeout=30, **content)

    def _is_told(self) -> bool:
        """Whether every event was taken in by all that read it; what they say to it may be on its way."""
        for program in self.product.programs.values():
            with program.service.db.transaction() as session:
                if session.execute(text("SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1")).first():
                    return False
        return True

    def _market(self) -> None:
        self.post("/price-lists", {"code": "STD", "name": "All", "kind": "standard", "currency": "EUR"})
        self.post("/warehouses", {"code": "MAIN", "name": "Main"})
        far = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
        for sku in ("goods", "dearer", "withdrawn"):
            self._listing(sku)
        self._listing("ahead", preorderable=True, available_from=far)
        self._listing("scarce", stock=0)
        self._listing("service", kind="service", stock=0)

    def _listing(self, sku: str, *, stock: int = 90, **fields: Any) -> None:
        made = self.post("/listings", {"sku": sku, "name": sku.title(), "kind": "stock", "audience": "global"} | fields)
        self.ids[f"listing.{sku}"] = str(made["id"])
        self.post(f"/listings/{made['id']}/publication", {}, '"v1"')
        self._set_price(sku, "10.00")
        if stock:
            self.post("/stock/receipts", {"warehouse": "MAIN", "lines": [{"sku": sku, "quantity": stock}]})

    def _set_price(self, sku: str, amount: str) -> None:
        [found] = self.product.ask("GET", "/price-lists", self.staff).json()["items"]
        price = {"listing_id": self.ids[f"listing.{sku}"], "amount": amount}
        self.post(f"/price-lists/{found['id']}/prices", {"prices": [price]})

    def _lock(self, group: str) -> None:
        path = f"/customer-groups/{group}/portal-settings"
        eventually(lambda: self.product.ask("GET", path, self.staff).status_code == 200)
        body = {"settings": {"billing_enabled": "off"}, "locks": {"billing_enabled": True}}
        answer = self.product.ask("PATCH", path, self.staff, json=body, headers={"If-Match": '"v0"'})
        assert answer.status_code == 200, answer.text

    def _set(self, name: str, values: dict[str, str]) -> None:
        path = f"/customers/{self.ids[name]}/portal-settings"
        found = eventually(lambda: self._found(path))
        headers = {"If-Match": found.headers["ETag"]}
        answer = self.product.ask("PATCH", path, self.staff, json={"settings": values}, headers=headers)
        assert answer.status_code == 200, answer.text

    def _found(self, path: str) -> requests.Response | None:
        answer = self.product.ask("GET", path, self.staff)
        return answer if answer.status_code == 200 else None

    def _approver(self) -> str:
        """The account of somebody who may approve what the company `approving` orders."""
        own = f"/customers/{self.ids['approving']}"
        eventually(lambda: self._found(f"{own}/access"))
        user = {"display_name": "Ada", "username": "ada@example.test", "roles": ["approver"]}
        made = self.post(f"{own}/users", user)
        self.post(made["invitation"]["accept_path"], {"password": PASSWORD})
        return str(made["id"])

    def _draft(self, customer: str, *skus: str, token: str = "", **fields: Any) -> str:
        lines = [{"listing_id": self.ids[f"listing.{sku}"], "quantity": 1} for sku in skus]
        body = {"customer_id": self.ids[customer], "lines": lines} | fields

        def made() -> str | None:  # once ordering knows the customer
            answer = self.product.ask("POST", "/orders", token or self.staff, json=body)
            assert answer.status_code in {201, 404}, answer.text
            return str(answer.json()["id"]) if answer.status_code == 201 else None

        return str(eventually(made, 20))

    def _confirmed(self, customer: str, *skus: str) -> dict[str, Any]:
        order = self.post(f"/orders/{self._draft(customer, *skus)}/submission", {})
        eventually(lambda: self._tried(f"/orders/{order['id']}/confirmation", {}), 20)
        return order

    def _tried(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to what staff does, once the facts that it needs have arrived."""
        answer = self.product.ask("POST", path, self.staff, json=body)
        return dict(answer.json()) if answer.status_code in {200, 201} else None

    def _planned(self, customer: str, *skus: str) -> dict[str, Any]:
        """A shipment of one piece of the first article of an order."""
        order = self._confirmed(customer, *skus)
        wanted = {"order_id": order["id"], "lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}
        return dict(eventually(lambda: self._tried("/shipments", wanted), 20))

    def _open_work(self) -> None:
        """What is under way while every switch is still on."""
        ids = self.ids
        for name in ("open", "no_warehouse"):
            eventually(lambda name=name: self._tried(f"/customers/{ids[name]}/warehouse", {}), 20)
            shipment = self._planned(name, "goods", "dearer")
            self.post(f"/shipments/{shipment['id']}/dispatch", {})
            ids[f"{name}.shipped"], ids[f"{name}.shipment"] = shipment["order_id"], shipment["id"]
            ids[f"{name}.shipped_line"] = shipment["lines"][0]["line_id"]
        picked = self._planned("open", "goods")
        self.post(f"/shipments/{picked['id']}/picking", {})
        ids["open.picked"] = picked["order_id"]
        for name in ("no_ordering", "no_preorders"):
            order = self.post(f"/orders/{self._draft(name, 'ahead')}/submission", {})
            ids[f"{name}.waiting"], ids[f"{name}.line"] = order["id"], order["lines"][0]["id"]
        service = self._confirmed("no_warehouse", "service")
        lines = [{"line_id": service["lines"][0]["id"]}]
        self.post(f"/orders/{service['id']}/provisions", {"lines": lines})
        in_use = self.product.ask("GET", f"/customers/{ids['no_warehouse']}/services", self.staff).json()["items"]
        ids["no_warehouse.service"] = in_use[0]["id"]
        asset = eventually(lambda: self._tried("/assets", {"customer_id": ids["open"], "name": "Drill"}), 20)
        ids["open.asset"] = asset["id"]
        made = eventually(lambda: self._tried("/assets", {"customer_id": ids["no_inventory"], "name": "Saw"}), 20)
        ids["no_inventory.asset"] = made["id"]
        self._ask_for_approval()

    def _ask_for_approval(self) -> None:
        rule = {"name": "All", "predicate": {"all": []}, "currency": "EUR"}
        tiers = [{"approvers": [{"kind": "role", "value": "approver"}], "mode": "any"}]
        self.post("/approval-rules", rule | {"customer_id": self.ids["approving"], "tiers": tiers})
        buyer = self.product.tokens.portal({self.ids["approving"]: ALL})
        own = self.product.tokens.portal({self.ids["approving"]: ALL}, sub=self.approver_id)
        for name, token, sku in (
            ("pending", buyer, "goods"),
            ("ended", buyer, "goods"),
            ("held", buyer, "withdrawn"),
            ("own", own, "goods"),
        ):
            draft = self._draft("approving", sku, token=token)
            order = self.post(f"/orders/{draft}/submission", {}, token=token)
            assert order["status"] == "pending_approval", order
            path = f"/approvals?order_id={order['id']}"
            [found] = self.product.ask("GET", path, self.staff).json()["items"]
            self.ids[f"approving.{name}"], self.ids[f"approving.{name}_order"] = found["id"], order["id"]
        self.post(f"/orders/{self.ids['approving.ended_order']}/cancellation", {"reason": "x"}, token=buyer)

    def _agreements(self) -> None:
        """Limits, and rules of purchase order numbers."""
        limit = {"name": "None at all", "scope": "company", "kind": "per_order", "action": "block"}
        nothing = {"customer_id": self.ids["limited"], "amount": {"amount": "0.00", "currency": "EUR"}}
        self.post("/purchase-limits", limit | nothing)
        who = {"customer_id": self.ids["numbered"]}
        some = {"amount": "0.00", "currency": "EUR"}
        self.post("/po-rules", who | {"required_from": some, "mask": "PO-#", "unique": "refuse"})
        for number in ("PO-2", "PO-3"):
            made = self.post("/purchase-orders", who | {"number": number, "amount": {"amount": "1", "currency": "EUR"}})
        self.post(f"/purchase-orders/{made['id']}/closure", {}, '"v1"')
        for name, number in (("odd", "7"), ("first", "PO-1"), ("used", "PO-1"), ("spent", "PO-2"), ("closed", "PO-3")):
            self.ids[f"numbered.{name}"] = self._draft("numbered", "goods", po_number=number)
        self.post(f"/orders/{self.ids['numbered.first']}/submission", {})

    def _ends(self) -> None:
        """What is over, dearer, gone, held or short by now."""
        ids = self.ids
        approver = self.product.tokens.portal({ids["approving"]: ALL}, sub=self.approver_id)
        ids["open.cancelled"] = self._draft("open", "goods")
        self.post(f"/orders/{ids['open.cancelled']}/cancellation", {"reason": "Not needed"})
        ids["open.dearer"], ids["open.withdrawn"] = self._draft("open", "dearer"), self._draft("open", "withdrawn")
        self._set_price("dearer", "99.00")
        self.post(f"/listings/{ids['listing.withdrawn']}/retirement", {}, '"v2"')
        self.post(
            f"/approvals/{ids['approving.held']}/decisions", {"decision": "approve", "version": 1}, token=approver
        )
        ids["open.scarce"] = self.post(f"/orders/{self._draft('open', 'scarce')}/submission", {})["id"]
        line = {"shipment_id": ids["open.shipment"], "line_id": ids["open.shipped_line"]}
        body = {"lines": [line | {"quantity": 1, "reason": "not_needed"}]}
        returned = self.post("/returns", body, token=self.product.tokens.portal({ids["open"]: ALL}))
        ids["open.return"] = returned["id"]
        self.post(f"/customers/{ids['archived']}/archival", {"reason": "Closed for good"})
