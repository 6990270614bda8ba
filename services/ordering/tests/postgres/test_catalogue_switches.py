"""Two rows of the table of operations and switches: what each of the nine does to the catalogue and to what is put by
in it, and that all others do nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import change_listing, company, listing, switch
from portal_switches import KEYS

pytestmark = pytest.mark.postgres

ALL_ON = dict.fromkeys(KEYS, "on")
EVERYTHING = {"global", "ahead", "internal", "included"}
OWN = {"internal", "included"}

# What is offered, and whether it is told that something can be ordered ahead of its day.
USUAL = (EVERYTHING, True)
# A pre-order needs the warehouse, so that without it there is none either.
CELLS: Mapping[str, tuple[set[str], bool]] = {
    "inherit_global_marketplace": (OWN, False),
    "allow_preorders": (EVERYTHING, False),
    "warehouse_enabled": (EVERYTHING, False),
    "internal_inventory_enabled": (EVERYTHING - {"internal"}, True),
}


class Catalogue:
    """What one customer is offered: in the marketplace, ahead of its day, internal to it, and included for it alone."""

    def __init__(self, service: Service, staff: Client, tokens: TestTokens) -> None:
        self.service = service
        self.customer_id = company(service, **ALL_ON)
        self.buyer = client_for(service, tokens.portal({self.customer_id: BUYER}))
        day = datetime.now(UTC).date() + timedelta(days=90)
        self.word = self.customer_id[-12:]
        self.ids = {
            "global": listing(service),
            "ahead": listing(service, preorderable=True, available_from=day),
            "internal": listing(service, kind="internal", audience="tree", owner_id=self.customer_id),
            "included": listing(service, audience="explicit"),
        }
        for one in self.ids.values():
            change_listing(service, one, words=self.word)
        rule = {"effect": "include", "listing_id": self.ids["included"], "target_kind": "customer"}
        assert staff.post("/catalogue-rules", json=rule | {"target_id": self.customer_id}).status_code == 201

    def turn_off(self, key: str | None) -> None:
        if key is not None:
            switch(self.service, self.customer_id, 2, **(ALL_ON | {key: "off"}))

    def browse(self) -> tuple[set[str], bool]:
        """What is found, one by one, by a search and in the list, each at its price."""
        found = self.buyer.get(f"/listings?q={self.word}&limit=200").json["items"]
        assert all(item["price"]["amount"] == "10.00" for item in found)
        listed = {item["id"] for item in self.buyer.get("/listings?limit=200").json["items"]}
        assert {item["id"] for item in found} == listed & set(self.ids.values())
        for one in self.ids.values():
            assert (self.buyer.get(f"/listings/{one}").status_code == 200) == (one in listed)
        return self._named(item["id"] for item in found), any(item["preorderable"] for item in found)

    def put_aside(self) -> tuple[set[str], bool]:
        """What can be laid into a cart, kept in a list, and asked a quote for: each takes the same."""
        lines: list[dict[str, Any]] = []
        taken = []
        for path in ("/carts", "/saved-lists"):
            made = self.buyer.post(path, json={"customer_id": self.customer_id}).json
            for one in self.ids.values():
                body = {"listing_id": one, "quantity": 1}
                answer = self.buyer.post(f"{path}/{made['id']}/lines", json=body)
                assert answer.status_code == 200 or answer.json["code"] == "ordering.listing_not_found"
            lines = self.buyer.get(f"{path}/{made['id']}").json["lines"]
            taken.append(self._named(line["listing_id"] for line in lines))
        taken.append(self._named(one for one in self.ids.values() if self._quoted(one)))
        assert taken[0] == taken[1] == taken[2]
        return taken[0], any(line["preorderable"] for line in lines)

    def _quoted(self, one: str) -> bool:
        body = {"customer_id": self.customer_id, "lines": [{"listing_id": one, "quantity": 1}]}
        answer = self.buyer.post("/quotes", json=body)
        assert answer.status_code == 201 or answer.json["code"] == "ordering.lines_unavailable"
        return bool(answer.status_code == 201)

    def _named(self, ids: Any) -> set[str]:
        names = {one: name for name, one in self.ids.items()}
        return {names[one] for one in ids}


@pytest.mark.parametrize("key", [None, *KEYS])
def test_a_switch_does_to_browse_search_and_prices_what_the_table_says(
    service: Service, staff: Client, tokens: TestTokens, key: str | None
) -> None:
    catalogue = Catalogue(service, staff, tokens)
    catalogue.turn_off(key)
    assert catalogue.browse() == CELLS.get(key or "", USUAL)


@pytest.mark.parametrize("key", [None, *KEYS])
def test_a_switch_does_to_carts_lists_and_quotes_what_the_table_says(
    service: Service, staff: Client, tokens: TestTokens, key: str | None
) -> None:
    catalogue = Catalogue(service, staff, tokens)
    catalogue.turn_off(key)
    assert catalogue.put_aside() == CELLS.get(key or "", USUAL)


def test_what_lay_in_a_cart_before_is_shown_as_no_longer_there(
    service: Service, staff: Client, tokens: TestTokens
) -> None:
    catalogue = Catalogue(service, staff, tokens)
    cart = catalogue.buyer.post("/carts", json={"customer_id": catalogue.customer_id}).json
    for one in catalogue.ids.values():
        catalogue.buyer.post(f"/carts/{cart['id']}/lines", json={"listing_id": one, "quantity": 1})
    catalogue.turn_off("internal_inventory_enabled")
    shown = catalogue.buyer.get(f"/carts/{cart['id']}").json
    gone = {line["listing_id"] for line in shown["lines"] if not line["available"]}
    assert (gone, shown["complete"]) == ({catalogue.ids["internal"]}, False)
