"""The directory, its search and its facets as callers see them."""

from typing import Any
from urllib.parse import quote

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from overview.tests import events
from overview.tests.delivery import deliver


def names(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/customers?{query}")
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json["items"]]


def choices(client: Client, facet: str, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/customers/facets?facets={facet}&{query}")
    assert answer.status_code == 200, answer.text
    return {one["label"]: one["count"] for one in answer.json["facets"][facet]}


def email(address: str) -> list[dict[str, Any]]:
    return [{"label": "work", "address": address, "default": True}]


def phone(number: str) -> list[dict[str, Any]]:
    return [{"label": "work", "number": number, "default": True}]


@pytest.fixture
def shops(service: Service) -> dict[str, str]:
    """Five customers: of two groups, of four cities, one archived, one a person."""
    ids = {name: new_id() for name in ("berlin", "muller", "person", "old", "branch", "group", "lind")}
    deliver(
        service,
        [
            events.group(ids["group"], "Key accounts"),
            events.customer(ids["berlin"], name="Berlin Bau", number="B-1", group_id=ids["group"]),
            events.address(ids["berlin"], city="Köln"),
            events.customer(
                ids["muller"], name="Müller & Söhne", dba_name="MuSo", number="M-2", primary_contact_id=ids["lind"]
            ),
            events.contact(
                ids["muller"],
                ids["lind"],
                name="Åse Berling",
                emails=email("ase@muso.example"),
                phones=phone("+49 30 901820"),
            ),
            events.address(ids["muller"], city="Berlin"),
            events.customer(ids["person"], name="Jane Doe", kind="person", number="berl", external_ids=[{"id": "X9"}]),
            events.customer(ids["old"], name="Gone Ltd", number="G-4", status="archived"),
            events.address(ids["old"], city="Berlin"),
            events.customer(ids["branch"], name="Berlin Bau Nord", number="B-5", parent_id=ids["berlin"]),
            events.address(ids["branch"], city="Kiel", country="DK"),
            events.access(ids["branch"], login={"username": "nord", "status": "invited"}),
        ],
    )
    return ids


def test_hits_come_by_number_then_name_then_person_then_city(shops: dict[str, str], staff: Client) -> None:
    answer = staff.get("/customers?q=berl").json["items"]
    assert [(one["name"], one["matched_on"]) for one in answer] == [
        ("Jane Doe", "number"),
        ("Berlin Bau", "name"),
        ("Berlin Bau Nord", "name"),
        ("Müller & Söhne", "contact"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("mull", ["Müller & Söhne"]),
        ("MÜLLER söh", ["Müller & Söhne"]),
        ("muso", ["Müller & Söhne"]),
        ("ase@muso.ex", ["Müller & Söhne"]),
        ("030 901820", ["Müller & Söhne"]),
        ("1820", ["Müller & Söhne"]),
        ("x9", ["Jane Doe"]),
        ("M-2", ["Müller & Söhne"]),
        ("berlin nord", ["Berlin Bau Nord"]),
        ("bau köln", ["Berlin Bau"]),
        ("gone", []),
        ("nobody", []),
        ("***", []),
    ],
)
def test_every_word_must_be_found(shops: dict[str, str], staff: Client, query: str, found: list[str]) -> None:
    assert names(staff, f"q={quote(query)}") == found


def test_an_item_shows_what_lists_need(shops: dict[str, str], staff: Client) -> None:
    (found,) = staff.get("/customers?q=muso").json["items"]
    card = {"id": shops["lind"], "name": "Åse Berling", "email": "ase@muso.example", "phone": "+49 30 901820"}
    assert found["primary_contact"] == card
    assert (found["number"], found["city"], found["country"], found["tags"]) == ("M-2", "Berlin", "DE", [])
    (grouped,) = staff.get(f"/customers?filter=group:{shops['group']}").json["items"]
    assert grouped["group"] == {"id": shops["group"], "name": "Key accounts"}


def test_archived_customers_are_shown_when_asked_for(shops: dict[str, str], staff: Client) -> None:
    assert "Gone Ltd" not in names(staff)
    assert names(staff, "archived=only") == ["Gone Ltd"]
    assert "Gone Ltd" in names(staff, "archived=any")
    assert names(staff, "filter=status:archived") == ["Gone Ltd"]
    hits = staff.get("/search?q=gone").json["items"]
    assert [(one["type"], one["name"], one["status"]) for one in hits] == [("customer", "Gone Ltd", "archived")]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("city:berlin", ["Müller & Söhne"]),
        ("city:KÖLN,city:kiel", ["Berlin Bau", "Berlin Bau Nord"]),
        ("kind:person", ["Jane Doe"]),
        ("country:dk", ["Berlin Bau Nord"]),
        ("city:-", ["Jane Doe"]),
        ("group:-,kind:business", ["Berlin Bau Nord", "Müller & Söhne"]),
        ("has:email,has:primary_contact", ["Müller & Söhne"]),
        ("has:parent", ["Berlin Bau Nord"]),
        ("login:invited", ["Berlin Bau Nord"]),
        ("city:Oz", []),
    ],
)
def test_filters_narrow(shops: dict[str, str], staff: Client, filters: str, found: list[str]) -> None:
    assert names(staff, f"filter={quote(filters)}") == found


def test_branches_are_found_by_their_parent(shops: dict[str, str], staff: Client) -> None:
    assert names(staff, f"filter=parent:{shops['berlin']}") == ["Berlin Bau Nord"]


def test_sorting_goes_both_ways(shops: dict[str, str], staff: Client) -> None:
    ascending = names(staff, "sort=number")
    assert ascending == ["Berlin Bau", "Berlin Bau Nord", "Jane Doe", "Müller & Söhne"]
    assert names(staff, "sort=-number") == names(staff, "sort=number:desc") == ascending[::-1]
    assert names(staff, "q=ber&sort=-name") == ["Müller & Söhne", "Jane Doe", "Berlin Bau Nord", "Berlin Bau"]


def test_facets_count_with_all_filters_but_their_own(shops: dict[str, str], staff: Client) -> None:
    assert choices(staff, "city") == {"Berlin": 1, "Kiel": 1, "Köln": 1, "-": 1}
    assert choices(staff, "status") == {"active": 4, "archived": 1}
    assert choices(staff, "kind", "archived=any") == {"business": 4, "person": 1}
    assert choices(staff, "city", "filter=city:berlin") == {"Berlin": 1, "Kiel": 1, "Köln": 1, "-": 1}
    assert choices(staff, "kind", "filter=city:berlin") == {"business": 1}
    assert choices(staff, "city", "filter=kind:business,city:oz") == {"Berlin": 1, "Kiel": 1, "Köln": 1, "oz": 0}
    assert choices(staff, "group") == {"-": 3, "Key accounts": 1}
    assert choices(staff, "has", "q=muso") == {"address": 1, "contact": 1, "email": 1, "phone": 1, "primary_contact": 1}
    assert staff.get("/customers/facets?q=berl").json["total"] == 4
    assert staff.get("/customers?facets=kind,login").json["facets"].keys() == {"kind", "login"}


def test_facets_follow_every_change(shops: dict[str, str], service: Service, staff: Client) -> None:
    deliver(
        service,
        [
            events.customer(shops["berlin"], "archived", 2, name="Berlin Bau", status="archived"),
            events.customer(shops["old"], "deleted", 2, status="archived"),
        ],
    )
    assert choices(staff, "status") == {"active": 3, "archived": 1}
    assert choices(staff, "city", "archived=any") == {"-": 1, "Berlin": 1, "Kiel": 1, "Köln": 1}
    assert choices(staff, "group") == {"-": 3}


def test_a_portal_user_finds_and_counts_only_its_own(
    shops: dict[str, str], service: Service, tokens: TestTokens
) -> None:
    portal = client_for(
        service, tokens.portal({shops["berlin"]: ["customers.view"], shops["branch"]: ["customers.view"]})
    )
    assert names(portal) == ["Berlin Bau", "Berlin Bau Nord"]
    assert names(portal, "q=berl") == ["Berlin Bau", "Berlin Bau Nord"]
    assert names(portal, "q=muso") == []
    assert choices(portal, "city") == {"Kiel": 1, "Köln": 1}
    assert choices(portal, "status") == {"active": 2}
    # How the provider classes its customers is not for themselves.
    for asked in (
        "facets?facets=group",
        "facets?facets=tag",
        f"?filter=group:{shops['group']}",
        "?filter=cf.tier:gold",
    ):
        assert portal.get(f"/customers/{asked}".replace("/?", "?")).status_code == 422, asked
    assert all(item["group"] is None for item in portal.get("/customers").json["items"])


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("sort=age", 422, "overview.sort_invalid"),
        ("filter=age:7", 422, "overview.filter_invalid"),
        ("facets=age", 422, "overview.facet_unknown"),
        ("cursor=abc", 400, "cursor_invalid"),
        ("q=a&cursor=abc", 400, "cursor_invalid"),
        ("archived=maybe", 422, "validation_failed"),
        ("limit=201", 422, "validation_failed"),
        ("after=7", 422, "validation_failed"),
        ("q=%00", 422, "validation_failed"),
    ],
)
def test_what_cannot_be_read_is_refused(service: Service, staff: Client, query: str, status: int, code: str) -> None:
    answer = staff.get(f"/customers?{query}")
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_cursor_belongs_to_its_list(shops: dict[str, str], staff: Client) -> None:
    for query in ("q=ber", "sort=name"):
        cursor = staff.get(f"/customers?{query}&limit=1").json["next_cursor"]
        assert staff.get(f"/customers?{query}&limit=1&cursor={cursor}").status_code == 200
        other = staff.get(f"/customers?{query}&limit=1&filter=kind:business&cursor={cursor}")
        assert other.json["code"] == "cursor_invalid"


def test_without_the_permission_nothing_is_shown(service: Service, tokens: TestTokens) -> None:
    nobody = client_for(service, tokens.staff([]))
    for path in ("/customers", "/customers/facets", "/search?q=a", f"/customers/{new_id()}/overview"):
        assert nobody.get(path).json["code"] == "permission_missing"
