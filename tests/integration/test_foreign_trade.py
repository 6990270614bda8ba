"""What another customer orders, agrees, keeps and gets back is to a portal account as if it did not exist: every
operation that names such a thing answers as for an id that nobody has."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from common.ids import new_id
from common.testing import Figure, eventually
from identity.domain.permissions import PERMISSIONS

from .product import Product

ALL = sorted(PERMISSIONS)
TODAY = datetime.now(UTC).date().isoformat()
ON = ("order_authorization", "inherit_global_marketplace", "warehouse_enabled", "internal_inventory_enabled")

Ids = dict[tuple[str, str], str]  # by the first part of a path and the name of the parameter


class Provider:
    """Staff who furnishes customers with everything that belongs to one."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.token = product.sign_in()
        self.post("/warehouses", {"code": "MAIN", "name": "Main"})
        self.standard = self.post(
            "/price-lists", {"code": "STD", "name": "All", "kind": "standard", "currency": "EUR"}
        )["id"]
        self.goods = self.listing("goods", audience="global")
        self.work = self.listing("work", kind="service", audience="global")
        self.post("/stock/receipts", {"warehouse": "MAIN", "lines": [{"sku": "goods", "quantity": 100}]})

    def post(self, path: str, content: dict[str, Any], version: str = "") -> dict[str, Any]:
        """Does what has to succeed."""
        headers = {"If-Match": version} if version else {}
        answer = self.product.ask("POST", path, self.token, json=content, headers=headers)
        assert answer.status_code in {200, 201}, (path, answer.text)
        return dict(answer.json())

    def soon(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Does what succeeds once the owner has heard of what it needs."""
        last: list[Any] = []

        def done() -> bool:
            last.append(self.product.ask("POST", path, self.token, json=content))
            return last[-1].status_code in {200, 201}

        try:
            eventually(done, 20, every=0.1)
        except AssertionError:
            raise AssertionError(f"{path}: {last[-1].text}") from None
        return dict(last[-1].json())

    def listing(self, sku: str, **fields: Any) -> str:
        """A listing that is offered for 10 euros."""
        made = self.post("/listings", {"sku": sku, "name": sku.title(), "kind": "stock"} | fields)
        self.post(f"/listings/{made['id']}/publication", {}, '"v1"')
        prices = [{"listing_id": made["id"], "amount": "10.00"}]
        self.post(f"/price-lists/{self.standard}/prices", {"prices": prices})
        return str(made["id"])

    def furnish(self, name: str) -> tuple[str, Ids]:
        """A customer with one of everything: its id, and the ids of what belongs to it."""
        customer = self.post("/customers", {"kind": "business", "name": name})["id"]
        settings = f"/customers/{customer}/portal-settings"
        eventually(lambda: self.product.ask("GET", settings, self.token).status_code == 200)
        headers = {"If-Match": self.product.ask("GET", settings, self.token).headers["ETag"]}
        body = {"settings": dict.fromkeys(ON, "on")}
        assert self.product.ask("PATCH", settings, self.token, json=body, headers=headers).status_code == 200
        whose, line = {"customer_id": customer}, {"listing_id": self.goods, "quantity": 2}
        ids: Ids = {
            ("carts", "cart_id"): self.soon("/carts", whose)["id"],
            ("saved-lists", "saved_list_id"): self.post("/saved-lists", whose | {"name": name})["id"],
            ("purchase-limits", "limit_id"): self._limit(customer),
            ("approval-rules", "rule_id"): self._rule(customer),
            ("contracts", "contract_id"): self._contract(customer, name),
            ("price-lists", "list_id"): self._prices(customer, name),
            ("catalogue-rules", "rule_id"): self._catalogue_rule(customer),
            ("quotes", "quote_id"): self.post("/quotes", whose | {"lines": [line]})["id"],
            ("standing-orders", "order_id"): self._standing_order(customer, line),
            ("listings", "listing_id"): self.listing(
                f"{name}-own", kind="internal", owner_id=customer, audience="tree"
            ),
            ("customers", "customer_id"): customer,
        }
        ids |= self._delivered(customer) | self._stored(customer, name) | self._kept(customer, name)
        return customer, ids | {("sales", "sale_id"): self._sold(customer, ids["listings", "listing_id"])}

    def _limit(self, customer: str) -> str:
        limit = {"customer_id": customer, "name": "Much", "scope": "company", "kind": "per_order", "action": "warn"}
        return str(self.post("/purchase-limits", limit | {"amount": {"amount": "9999.00", "currency": "EUR"}})["id"])

    def _rule(self, customer: str) -> str:
        tiers = [{"approvers": [{"kind": "role", "value": "approver"}]}]
        rule = {"customer_id": customer, "name": "Large", "currency": "EUR", "tiers": tiers}
        predicate = {"field": "total", "op": "gt", "value": 900_000}
        return str(self.post("/approval-rules", rule | {"predicate": predicate})["id"])

    def _contract(self, customer: str, name: str) -> str:
        made = self.post("/contracts", {"customer_id": customer, "name": name, "valid_from": TODAY})
        self.post(f"/contracts/{made['id']}/activation", {}, '"v1"')
        return str(made["id"])

    def _prices(self, customer: str, name: str) -> str:
        body = {"code": name, "name": name, "kind": "customer", "target_id": customer, "currency": "EUR"}
        return str(self.post("/price-lists", body)["id"])

    def _catalogue_rule(self, customer: str) -> str:
        rule = {"effect": "include", "listing_id": self.goods, "target_kind": "customer", "target_id": customer}
        return str(self.post("/catalogue-rules", rule)["id"])

    def _standing_order(self, customer: str, line: dict[str, Any]) -> str:
        rhythm = {"every": 1, "unit": "months", "next_on": "2099-01-01"}
        body = {"customer_id": customer, "name": "Each month", "lines": [line]} | rhythm
        return str(self.post("/standing-orders", body)["id"])

    def _delivered(self, customer: str) -> Ids:
        """An order of goods and work that was delivered, of which one comes back."""
        lines = [{"listing_id": self.goods, "quantity": 2}, {"listing_id": self.work, "quantity": 1}]
        order = self.post("/orders", {"customer_id": customer, "lines": lines})
        path = f"/orders/{order['id']}"
        goods, work = (line["id"] for line in self.post(f"{path}/submission", {})["lines"])
        self.soon(f"{path}/confirmation", {})
        shipment = self.soon("/shipments", {"order_id": order["id"]})["id"]
        self.post(f"/shipments/{shipment}/dispatch", {})
        self.soon(f"{path}/provisions", {"lines": [{"line_id": work}]})
        wanted = {"shipment_id": shipment, "line_id": goods, "quantity": 1, "reason": "not_needed"}
        returned = self.post("/returns", {"lines": [wanted], "warehouse": "MAIN"})["id"]
        damaged = {"shipment_id": shipment, "line_id": goods, "quantity": 1, "kind": "damaged", "resolution": "credit"}

        def in_use() -> str | None:
            found = self.product.ask("GET", f"/customers/{customer}/services", self.token).json()["items"]
            return str(found[0]["id"]) if found else None

        return {
            ("orders", "order_id"): order["id"],
            ("reservations", "order_id"): order["id"],
            ("shipments", "shipment_id"): shipment,
            ("returns", "return_id"): returned,
            ("claims", "claim_id"): self.post("/claims", damaged)["id"],
            ("services", "service_id"): eventually(in_use, 20),
        }

    def _kept(self, customer: str, name: str) -> Ids:
        """Its cost centre, what it asks of purchase orders and one of those, a bundle, an asset, and a wish for one."""
        whose, amount = {"customer_id": customer}, {"amount": "9000.00", "currency": "EUR"}
        line = {"listing_id": self.goods, "quantity": 1}
        asset = self.soon("/assets", whose | {"name": "Laptop", "model": name})
        return {
            ("cost-centres", "cost_centre_id"): self.post("/cost-centres", whose | {"code": name, "name": name})["id"],
            ("po-rules", "rule_id"): self.post("/po-rules", whose)["id"],
            ("purchase-orders", "purchase_order_id"): self.post(
                "/purchase-orders", whose | {"number": f"PO-{name}", "amount": amount}
            )["id"],
            ("bundles", "bundle_id"): self.post("/bundles", whose | {"name": name, "lines": [line]})["id"],
            ("assets", "asset_id"): asset["id"],
            ("asset-requests", "request_id"): self.post("/asset-requests", whose | {"model": name})["id"],
        }

    def _sold(self, customer: str, listing_id: str) -> str:
        """An order of what the customer sells itself, on which it has not said a word."""
        lines = [{"listing_id": listing_id, "quantity": 1}]
        order = self.post("/orders", {"customer_id": customer, "lines": lines})
        self.soon(f"/orders/{order['id']}/submission", {})
        found = self.product.ask("GET", "/sales?limit=50", self.token).json()["items"]
        return str(next(one["id"] for one in found if one["seller"]["id"] == customer))

    def _stored(self, customer: str, name: str) -> Ids:
        """A warehouse of its own with something in it, and something on its way there."""
        own = self.soon(f"/customers/{customer}/warehouse", {"code": name})["warehouse"]["id"]
        self.post("/stock/receipts", {"warehouse": own, "lines": [{"sku": f"{name}-kept", "quantity": 5}]})
        found = self.product.ask("GET", f"/stock?warehouse={own}", self.token).json()["items"]
        coming = {"warehouse": own, "sku": f"{name}-kept", "quantity": 3, "expected_on": "2099-01-01"}
        moved = {"from": "MAIN", "to": own, "lines": [{"sku": "goods", "quantity": 1}]}
        return {
            ("warehouses", "warehouse_id"): own,
            ("stock", "balance_id"): found[0]["id"],
            ("transfers", "transfer_id"): self.post("/transfers", moved)["id"],
            ("inbound-supplies", "supply_id"): self.post("/inbound-supplies", coming)["id"],
        }


@pytest.fixture(scope="module")
def furnished(product: Product) -> tuple[tuple[str, Ids], tuple[str, Ids]]:
    """Two customers with one of everything."""
    provider = Provider(product)
    return provider.furnish("own"), provider.furnish("foreign")


def test_no_operation_tells_a_foreign_order_from_one_that_does_not_exist(
    product: Product, furnished: tuple[tuple[str, Ids], tuple[str, Ids]], figure: Figure
) -> None:
    (own, _), (_, foreign) = furnished
    token = product.tokens.portal({own: ALL})
    tried, wrong, seen_nouns = 0, [], set()
    for method, path, _ in product.operations():
        noun = path.split("/")[1]
        keys = {(noun, name) for name in re.findall(r"\{(\w+)\}", path)}
        if not keys & foreign.keys():
            continue
        answers = []
        for ids in (foreign, {}):

            def named(match: re.Match[str], ids: Ids = ids, noun: str = noun) -> str:
                return ids.get((noun, match[1])) or new_id()

            target = re.sub(r"\{(\w+)\}", named, path)
            answers.append(product.ask(method, target, token, json={}, headers={"If-Match": '"v1"'}))
        seen, unknown = [(answer.status_code, answer.json().get("code")) for answer in answers]
        tried += 1
        seen_nouns.add(noun)
        if seen != unknown or seen[0] not in {403, 404, 422}:
            wrong.append(f"{method} {path}: {seen}, and {unknown} for an id that does not exist")
    assert wrong == []
    assert {noun for noun, _ in foreign} <= seen_nouns
    figure("foreign orders, goods and agreements shown to a portal token", f"0 by {tried} operations")


def test_its_own_things_are_shown_to_the_same_account(
    product: Product, furnished: tuple[tuple[str, Ids], tuple[str, Ids]]
) -> None:
    (own, ids), _ = furnished
    token = product.tokens.portal({own: ALL})
    readable = {path: operation for method, path, operation in product.operations() if method == "GET"}
    shown = {}
    for (noun, name), id_ in ids.items():
        path = f"/{noun}/{{{name}}}"
        if readable.get(path, {}).get("x-portal"):
            shown[noun] = product.ask("GET", path.replace(f"{{{name}}}", id_), token).status_code
    assert set(shown.values()) == {200}, shown
    assert len(shown) >= 12, shown


def test_lists_of_a_portal_account_hold_nothing_of_another_customer(
    product: Product, furnished: tuple[tuple[str, Ids], tuple[str, Ids]]
) -> None:
    (own, ids), (stranger, foreign) = furnished
    token = product.tokens.portal({own: ALL})
    lists = sorted({f"/{noun}" for noun, _ in ids} - {"/reservations"})
    for path in lists:
        answer = product.ask("GET", path, token)
        assert answer.status_code in {200, 403}, (path, answer.text)
        assert stranger not in answer.text, path
        assert not [id_ for id_ in foreign.values() if id_ in answer.text], path
