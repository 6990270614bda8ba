"""A marketplace and its customers in the state in which something is refused them."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from common.ids import new_id
from common.testing import eventually
from identity.domain.permissions import PERMISSIONS

from .product import Product

ALL = sorted(PERMISSIONS)
_OF_WAREHOUSE = {"stock", "returns", "assets", "transfers"}
_FROM_NOTHING = {"required_from": {"amount": "0.00", "currency": "EUR"}}
ALL_ON = ("order_authorization", "inherit_global_marketplace", "allow_preorders", "internal_inventory_enabled")


@dataclass(frozen=True)
class Refused:
    """What is asked, by the portal of which customer, and the answer. `{…}` in a path or body is an id of the scene.
    `program`: an API token of the provider's staff is refused alike."""

    code: str
    status: int
    path: str
    customer: str = "open"
    body: dict[str, Any] = field(default_factory=dict)
    method: str = "POST"
    program: bool = False
    without: frozenset[str] = frozenset()


class Scene:
    """A marketplace, and customers whose portal lacks one switch each, with drafts that staff has made for them."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.staff = product.sign_in()
        self.ids = {"unknown": new_id()}
        self.tokens: dict[tuple[str, frozenset[str]], str] = {}
        listings = self._listings()
        switched_off = {
            "open": None,
            "no_ordering": "order_authorization",
            "no_market": "inherit_global_marketplace",
            "no_preorders": "allow_preorders",
            "no_inventory": "internal_inventory_enabled",
            "no_warehouse": "warehouse_enabled",
            "limited": None,
            "archived": None,
            "numbered": None,
        }
        for name in switched_off:
            self.ids[name] = self.post("/customers", {"kind": "business", "name": name})["id"]
        for name, key in switched_off.items():
            self._switch(self.ids[name], key)
        internal = self._listing("internal", kind="internal", owner_id=self.ids["no_inventory"], audience="tree")
        for name in switched_off:
            for what in ("goods", "ahead"):
                self.ids[f"{name}.{what}"] = self._draft(name, listings[what])
        self.ids["no_inventory.internal"] = self._draft("no_inventory", internal)
        self.ids["open.cancelled"] = self._draft("open", listings["goods"])
        self.post(f"/orders/{self.ids['open.cancelled']}/cancellation", {"reason": "Not needed"})
        self._ship_half(self._draft("open", listings["goods"], listings["dearer"]))
        own = f"/customers/{self.ids['open']}/warehouse"
        eventually(lambda: product.ask("POST", own, self.staff, json={}).status_code == 201, 20)
        self.ids["open.dearer"] = self._draft("open", listings["dearer"])
        self._set_price(listings["dearer"], "99.00")
        limit = {"name": "None at all", "scope": "company", "kind": "per_order", "action": "block"}
        nothing = {"customer_id": self.ids["limited"], "amount": {"amount": "0.00", "currency": "EUR"}}
        self.post("/purchase-limits", limit | nothing)
        self.post("/po-rules", {"customer_id": self.ids["numbered"]} | _FROM_NOTHING)
        self.post(f"/customers/{self.ids['archived']}/archival", {"reason": "Closed for good"})
        program = product.ask("POST", "/api-tokens", self.staff, json={"name": "partner", "scopes": ALL})
        assert program.status_code == 201, program.text
        self.program = str(program.json()["token"])

    def post(self, path: str, content: dict[str, Any], version: str = "") -> dict[str, Any]:
        """What staff does; it has to be done."""
        headers = {"If-Match": version} if version else {}
        answer = self.product.ask("POST", path, self.staff, json=content, headers=headers)
        assert answer.status_code in {200, 201, 202}, (path, answer.text)
        return dict(answer.json())

    def portal(self, refused: Refused) -> str:
        """The token of somebody of the customer's."""
        held = [code for code in ALL if code not in refused.without]
        return self.product.tokens.portal({self.ids[refused.customer]: held})

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
        path, options = self.named(refused.path), {"json": self.named(refused.body)} if refused.method == "POST" else {}
        if not direct:
            return self.product.ask(refused.method, path, token, **options)
        owner = "warehouse" if _OF_WAREHOUSE & set(path.split("/")) else "ordering"
        url = self.product.programs[owner].web.url + path
        headers = {"Authorization": f"Bearer {token}"}
        return self.product.session.request(refused.method, url, headers=headers, timeout=30, **options)

    def _listings(self) -> dict[str, str]:
        self.post("/price-lists", {"code": "STD", "name": "All", "kind": "standard", "currency": "EUR"})
        self.post("/warehouses", {"code": "MAIN", "name": "Main"})
        far = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
        return {
            "goods": self._listing("goods"),
            "dearer": self._listing("dearer"),
            "ahead": self._listing("ahead", preorderable=True, available_from=far),
        }

    def _listing(self, sku: str, **fields: Any) -> str:
        made = self.post("/listings", {"sku": sku, "name": sku.title(), "kind": "stock", "audience": "global"} | fields)
        self.post(f"/listings/{made['id']}/publication", {}, '"v1"')
        self._set_price(made["id"], "10.00")
        self.post("/stock/receipts", {"warehouse": "MAIN", "lines": [{"sku": sku, "quantity": 50}]})
        return str(made["id"])

    def _set_price(self, listing_id: str, amount: str) -> None:
        [found] = self.product.ask("GET", "/price-lists", self.staff).json()["items"]
        price = {"listing_id": listing_id, "amount": amount}
        self.post(f"/price-lists/{found['id']}/prices", {"prices": [price]})

    def _switch(self, customer_id: str, off: str | None) -> None:
        path = f"/customers/{customer_id}/portal-settings"
        eventually(lambda: self.product.ask("GET", path, self.staff).status_code == 200)
        version = self.product.ask("GET", path, self.staff).headers["ETag"]
        values = dict.fromkeys(ALL_ON, "on") | ({"warehouse_enabled": "on"} if off != "warehouse_enabled" else {})
        if off == "warehouse_enabled":
            values |= {"allow_preorders": "off", "warehouse_enabled": "off"}
        elif off is not None:
            values[off] = "off"
        headers = {"If-Match": version}
        answer = self.product.ask("PATCH", path, self.staff, json={"settings": values}, headers=headers)
        assert answer.status_code == 200, answer.text

    def _draft(self, customer: str, *listings: str) -> str:
        lines = [{"listing_id": one, "quantity": 1} for one in listings]
        body = {"customer_id": self.ids[customer], "lines": lines}

        def made() -> str | None:  # once ordering knows the customer
            answer = self.product.ask("POST", "/orders", self.staff, json=body)
            assert answer.status_code in {201, 404}, answer.text
            return str(answer.json()["id"]) if answer.status_code == 201 else None

        return str(eventually(made, 20))

    def _ship_half(self, order_id: str) -> None:
        first = self.post(f"/orders/{order_id}/submission", {})["lines"][0]
        wanted = {"order_id": order_id, "lines": [{"line_id": first["id"], "quantity": 1}]}

        def confirmed() -> bool:
            return self.product.ask("POST", f"/orders/{order_id}/confirmation", self.staff, json={}).status_code == 200

        eventually(confirmed, 20)
        sent: dict[str, Any] = {}

        def planned() -> bool:
            answer = self.product.ask("POST", "/shipments", self.staff, json=wanted)
            sent.update(answer.json())
            return answer.status_code == 201

        eventually(planned, 20)
        self.post(f"/shipments/{sent['id']}/dispatch", {})
        self.ids |= {"open.shipped": order_id, "open.shipment": sent["id"]}
        self.ids["open.shipped_line"] = first["id"]
