"""What a customer sells: made and priced by its own people, offered to whom they choose, hidden from everybody else."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from common.db import Scope
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from ordering.tables.listings import catalogue_rules, listings
from ordering.tests.conftest import BUYER
from ordering.tests.told import customer, switches

pytestmark = pytest.mark.postgres

SELLER = (*BUYER, "listings.sell")
ON = {"internal_inventory_enabled": "on", "order_authorization": "on"}
DESK = {"sku": "DESK", "name": "Desk for a day", "kind": "internal"}
PRICE = {"amount": "12.50", "currency": "EUR"}


@dataclass
class Family:
    """A head office that sells, a branch of it, a sibling of the head office, and a stranger."""

    service: Service
    tokens: TestTokens
    ids: dict[str, str]

    def portal(self, who: str, codes: tuple[str, ...] = BUYER) -> Client:
        return client_for(self.service, self.tokens.portal({self.ids[who]: codes}))

    @property
    def seller(self) -> Client:
        return self.portal("seller", SELLER)

    def switch(self, who: str, version: int, **values: str) -> None:
        deliver(self.service, switches("customer", self.ids[who], version, **(ON | values)))


@pytest.fixture
def family(service: Service, tokens: TestTokens) -> Family:
    ids = {name: new_id() for name in ("group", "seller", "branch", "sibling", "stranger")}
    parents = {"seller": "group", "branch": "seller", "sibling": "group"}
    for name, one in ids.items():
        parent = ids[parents[name]] if name in parents else None
        deliver(service, customer(one, name=name.title(), number=f"N-{one[-8:]}", parent_id=parent))
        deliver(service, switches("customer", one, **ON))
    return Family(service, tokens, ids)


def made(seller: Client, publish: bool = True, **fields: object) -> dict[str, object]:
    answer = seller.post("/listings", json=DESK | {"own_price": PRICE} | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json
    if publish:
        found = seller.post(f"/listings/{found['id']}/publication", version=found["version"]).json
    return found


def sees(client: Client, listing: dict[str, object]) -> bool:
    listed = {item["id"] for item in client.get("/listings?limit=200").json["items"]}
    status = client.get(f"/listings/{listing['id']}").status_code
    assert (status == 200) == (listing["id"] in listed)
    return status == 200


def test_a_seller_makes_publishes_pauses_and_retires_what_its_company_sells(family: Family) -> None:
    seller, number = family.seller, f"N-{family.ids['seller'][-8:]}"
    draft = made(seller, publish=False)
    assert (draft["sku"], draft["owner_id"], draft["audience"]) == (f"{number}/DESK", family.ids["seller"], "tree")
    assert (draft["status"], draft["own_price"], draft["confirmation"]) == ("draft", PRICE, "owner")
    assert seller.get(f"/listings/{draft['id']}?selling=true").json["id"] == draft["id"]
    assert [item["id"] for item in seller.get("/listings?selling=true").json["items"]] == [draft["id"]]
    assert not sees(seller, draft), "a draft stands in no catalogue, not even its seller's"
    path = f"/listings/{draft['id']}"
    changed = seller.patch(path, json={"name": "Desk", "confirmation": "automatic"}, version=1).json
    assert (changed["name"], changed["confirmation"]) == ("Desk", "automatic")
    for step, status in (("publication", "published"), ("pause", "paused"), ("retirement", "retired")):
        changed = seller.post(f"{path}/{step}", version=changed["version"]).json
        assert changed["status"] == status
    assert seller.patch(path, json={"name": "X"}, version=5).json["code"] == "ordering.listing_status"


def test_what_it_costs_is_what_its_seller_asks_and_shown_to_whom_it_is_offered(family: Family, staff: Client) -> None:
    listing = made(family.seller)
    branch = family.portal("branch")
    shown = branch.get(f"/listings/{listing['id']}").json
    assert shown["price"] == PRICE
    assert "own_price" not in shown
    assert "price_source" not in shown
    asked = staff.get(f"/listings/{listing['id']}?customer_id={family.ids['branch']}").json
    assert asked["price_source"] == {"list_id": None, "list_code": None, "kind": "owner", "min_quantity": 1}
    family.seller.patch(f"/listings/{listing['id']}", json={"own_price": None}, version=2)
    assert branch.get(f"/listings/{listing['id']}").json["price"] is None
    wrong = {"own_price": {"amount": "1.234", "currency": "EUR"}}
    assert family.seller.patch(f"/listings/{listing['id']}", json=wrong, version=3).status_code == 422


def test_the_provider_s_own_listings_are_priced_in_lists_alone(staff: Client) -> None:
    answer = staff.post("/listings", json={"sku": "P-1", "name": "P", "kind": "stock", "own_price": PRICE})
    assert answer.json["code"] == "ordering.listing_unsuitable"
    assert answer.json["errors"][0]["pointer"] == "/own_price"


def test_a_listing_climbs_the_ladder_from_the_unit_to_everybody(family: Family, staff: Client) -> None:
    seller = family.seller
    listing = made(seller, kind="service", audience="explicit")
    who = {name: family.portal(name) for name in ("seller", "branch", "sibling", "stranger")}

    def audience() -> list[str]:
        return [name for name, client in who.items() if sees(client, listing)]

    assert audience() == ["seller"]
    tree = seller.patch(f"/listings/{listing['id']}", json={"audience": "tree"}, version=2)
    assert (tree.status_code, audience()) == (200, ["seller", "branch"])
    rule = {"effect": "include", "listing_id": listing["id"], "target_kind": "customer"}
    named = seller.post("/catalogue-rules", json=rule | {"target_id": family.ids["sibling"]})
    assert named.status_code == 201, named.text
    assert named.json["seller_id"] == family.ids["seller"]
    assert audience() == ["seller", "branch", "sibling"]
    assert [one["id"] for one in seller.get("/catalogue-rules").json["items"]] == [named.json["id"]]
    assert seller.delete(f"/catalogue-rules/{named.json['id']}").status_code == 204
    assert audience() == ["seller", "branch"]
    everybody = staff.post(f"/listings/{listing['id']}/global-publication", version=3)
    assert everybody.json["audience"] == "global"
    assert audience() == ["seller", "branch", "sibling", "stranger"]


def test_a_seller_keeps_what_it_sells_from_a_branch_and_staff_from_anybody(family: Family, staff: Client) -> None:
    listing = made(family.seller)
    rule = {"effect": "exclude", "listing_id": listing["id"], "target_kind": "customer"}
    rule |= {"target_id": family.ids["branch"]}
    assert family.seller.post("/catalogue-rules", json=rule).status_code == 201
    assert not sees(family.portal("branch"), listing)
    theirs = staff.post("/catalogue-rules", json=rule)
    assert theirs.status_code == 201, "what the provider says stands beside it"
    assert family.seller.delete(f"/catalogue-rules/{theirs.json['id']}").status_code == 404


def test_only_the_provider_sells_to_everybody_and_makes_categories(family: Family, staff: Client) -> None:
    seller = family.seller
    for fields in ({"audience": "global", "kind": "service"}, {"category": "Desks"}):
        answer = seller.post("/listings", json=DESK | fields)
        assert (answer.status_code, answer.json["code"]) == (403, "ordering.provider_decides"), fields
    listing = made(seller)
    for target in ({"target_kind": "role", "role": "buyer"}, {"target_kind": "segment", "target_id": new_id()}):
        rule = {"effect": "include", "listing_id": listing["id"]} | target
        assert seller.post("/catalogue-rules", json=rule).json["code"] == "ordering.provider_decides"
    rule = {"effect": "include", "category": "Lamps", "target_kind": "customer", "target_id": family.ids["sibling"]}
    assert seller.post("/catalogue-rules", json=rule).json["code"] == "ordering.provider_decides"
    internal = staff.post(f"/listings/{listing['id']}/global-publication", version=2)
    assert internal.json["code"] == "ordering.listing_unsuitable", "what is internal is not for everybody"
    assert seller.post(f"/listings/{listing['id']}/global-publication", version=2).json["code"] == "staff_only"


def test_nobody_else_touches_what_a_customer_sells(family: Family, staff: Client) -> None:
    listing = made(family.seller)
    by_staff = staff.post("/listings", json={"sku": f"S-{new_id()}", "name": "Of the provider", "kind": "stock"}).json
    staff.post(f"/listings/{by_staff['id']}/publication", version=1)
    buyer = family.portal("seller")
    assert buyer.post("/listings", json=DESK).json["code"] == "permission_missing"
    assert buyer.get("/catalogue-rules").json["code"] == "permission_missing"
    for name in ("branch", "sibling", "stranger"):
        other = family.portal(name, SELLER)
        assert other.patch(f"/listings/{listing['id']}", json={"name": "Mine"}, version=2).status_code == 404
        assert other.post(f"/listings/{listing['id']}/pause", version=2).status_code == 404
        assert other.get(f"/listings/{listing['id']}?selling=true").status_code == 404
        rule = {"effect": "include", "listing_id": listing["id"], "target_kind": "customer"}
        assert other.post("/catalogue-rules", json=rule | {"target_id": family.ids[name]}).status_code == 404
        as_owner = DESK | {"owner_id": family.ids["seller"]}
        assert other.post("/listings", json=as_owner).json["code"] == "customer.not_found"
        assert other.patch(f"/listings/{by_staff['id']}", json={"name": "Mine"}, version=2).status_code == 404
    assert staff.get(f"/listings/{listing['id']}").json["name"] == DESK["name"]


def test_the_database_hides_and_keeps_what_others_sell(family: Family, service: Service) -> None:
    ids = [made(family.seller, audience=one, sku=one)["id"] for one in ("tree", "explicit")]
    seen = {"seller": 2, "branch": 2, "sibling": 0, "stranger": 0}
    for name, many in seen.items():
        with service.db.transaction(Scope((family.ids[name],))) as session:
            found = session.execute(select(listings.c.id).where(listings.c.id.in_(ids))).all()
            assert len(found) == many, name
            changed = session.execute(text("UPDATE listings SET name = name WHERE id = ANY (:ids)"), {"ids": ids})
            assert changed.rowcount == (2 if name == "seller" else 0), name  # type: ignore[attr-defined]
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        service.db.transaction(Scope((family.ids["sibling"],))) as session,
    ):
        session.execute(
            catalogue_rules.insert().values(
                id=new_id(),
                effect="include",
                listing_id=ids[0],
                target_kind="customer",
                target_id=family.ids["sibling"],
                seller_id=family.ids["seller"],
                version=1,
                created_at=text("now()"),
            )
        )


def test_without_internal_inventory_nobody_sells_and_with_it_again_all_is_back(
    family: Family, staff: Client, a_count: Callable[[Client], int]
) -> None:
    seller, branch = family.seller, family.portal("branch")
    listing = made(seller, kind="service")
    assert sees(branch, listing)
    family.switch("seller", 2, internal_inventory_enabled="off")
    for answer in (
        seller.post("/listings", json=DESK | {"sku": "Y"}),
        seller.patch(f"/listings/{listing['id']}", json={"name": "Y"}, version=2),
        seller.post(f"/listings/{listing['id']}/pause", version=2),
        seller.get(f"/listings/{listing['id']}?selling=true"),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "ordering.internal_inventory_disabled")
    assert a_count(seller) == 0
    assert not sees(branch, listing)
    told = staff.get(f"/listings/{listing['id']}/visibility?customer_id={family.ids['branch']}").json
    assert (told["visible"], told["why"], told["steps"][-1]["looked_at"]) == (False, "seller_inactive", "seller")
    family.switch("seller", 3)
    assert sees(branch, listing)
    assert a_count(seller) == 1


@pytest.fixture
def a_count() -> Callable[[Client], int]:
    """How much a seller has on sale, by its own list."""
    return lambda client: len(client.get("/listings?selling=true").json["items"])


def test_who_sells_for_several_customers_says_for_which(family: Family) -> None:
    both = {family.ids["seller"]: SELLER, family.ids["sibling"]: SELLER}
    person = client_for(family.service, family.tokens.portal(both))
    assert person.post("/listings", json=DESK).json["code"] == "ordering.customer_needed"
    named = person.post("/listings", json=DESK | {"owner_id": family.ids["sibling"]})
    assert named.json["owner_id"] == family.ids["sibling"]
    long = person.post("/listings", json=DESK | {"owner_id": family.ids["sibling"], "sku": "x" * 55})
    assert long.json["errors"][0]["pointer"] == "/sku"
