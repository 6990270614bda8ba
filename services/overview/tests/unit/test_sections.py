"""Sections: what they hold, who owns them, and when they are not up to date."""

from overview.domain import sections
from overview.domain.owners import unavailable
from overview.domain.switches import settings_of
from overview.tests import events

ID = "0195556a-0000-7000-8000-0000000000c1"
GROUP = "0195556a-0000-7000-8000-0000000000a1"
ALL = list(sections.SECTIONS)
OF_CUSTOMER = [name for name, service in sections.SECTIONS.items() if service == "customer"]


def purpose(name: str, *, default: bool = False) -> dict[str, object]:
    return {"purpose": name, "default": default}


def test_the_default_legal_address_is_the_place_of_a_customer() -> None:
    ranked = [
        [purpose("legal", default=True)],
        [purpose("ship_to", default=True), purpose("billing", default=True)],
        [purpose("ship_to", default=True)],
        [purpose("legal")],
        [purpose("ship_to")],
        [],
    ]
    ranks = [sections.address_rank(each) for each in ranked]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_a_contact_card_shows_the_default_address_and_number() -> None:
    emails = [{"address": "a@x.example", "default": False}, {"address": "b@x.example", "default": True}]
    card = sections.contact_card({"id": ID, "name": "A", "emails": emails, "phones": []})
    assert card == {"id": ID, "name": "A", "email": "b@x.example", "phone": None}


def test_the_people_with_access_are_bounded_and_counted() -> None:
    found = sections.access({"login": None, "users": [{"account_id": n} for n in range(80)]})
    assert len(found["users"]) == sections.MAX_PEOPLE
    assert found["user_count"] == 80


def test_sections_of_a_silent_or_slow_owner_are_unavailable() -> None:
    selling = [(one, 1.0, 0.0) for one in ("ordering", "warehouse", "billing", "automation")]
    well = [("customer", 1.0, 0.0), ("portal-settings", 2.0, 0.1), ("identity", 14.9, 4.9), *selling]
    assert unavailable(well) == []
    assert unavailable(well[1:]) == OF_CUSTOMER
    assert unavailable([*well[:2], ("identity", 15.1, 0.0), *selling]) == ["access"]
    assert unavailable([well[0], ("portal-settings", 1.0, 5.1), *well[2:]]) == ["portal_settings"]
    assert unavailable([]) == ALL


def test_switches_resolve_along_the_line_and_name_to_a_portal_only_its_own_customer() -> None:
    own = events.scope("customer", ID, values={"order_authorization": "on"}).data
    group = events.scope("group", GROUP, values={"billing_enabled": "off"}, locks=["billing_enabled"]).data
    line = [{"own": own, "group": group}]
    staff = settings_of(line, None, visible_id=None)
    portal = settings_of(line, None, visible_id=ID)
    assert (staff["billing_enabled"]["source"], staff["billing_enabled"]["source_id"]) == ("group", GROUP)
    assert staff["billing_enabled"]["locked_by"] == {"source": "group", "source_id": GROUP}
    assert portal["billing_enabled"]["locked_by"] == {"source": "group", "source_id": None}
    assert portal["order_authorization"]["source_id"] == ID
