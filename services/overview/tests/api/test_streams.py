"""Lists in the order of names, read from the index of terms: the same customers in the same order as otherwise."""

import random

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client
from overview.queries import directory
from overview.tests import events
from overview.tests.delivery import deliver

TAGS = [new_id() for _ in range(3)]
# Longer than what the index holds of a name, so that it alone cannot tell them apart.
LONG = "The very long name of a company of"

Made = dict[str, tuple[str, set[str]]]  # name and tags by id


@pytest.fixture(autouse=True)
def by_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few customers would be collected and sorted."""
    monkeypatch.setattr(directory, "_FEW", 0)


@pytest.fixture
def names(service: Service) -> Made:
    """Sixty customers: names and tags by id. Some share a name, some differ behind 32 letters only, and each has two
    people with one mail domain."""
    chance = random.Random(7)
    made: Made = {}
    for number in range(60):
        name = chance.choice([f"{LONG} {chance.randrange(9)}", "Twin", f"Bau {chance.randrange(40)}", f"Baum {number}"])
        made[new_id()] = (name, set(chance.sample(TAGS, chance.randrange(4))))
    told = [events.customer(id_, name=name, tag_ids=sorted(tags)) for id_, (name, tags) in made.items()]
    for id_ in made:
        for place in range(2):
            mail = {"label": "work", "address": f"p{place}.{id_}@bauhaus.example", "default": True}
            told.append(events.contact(id_, name=f"Ada {place}", emails=[mail], phones=[]))
    deliver(service, told)
    return made


def paged(client: Client, query: str, limit: int) -> list[tuple[str, str]]:
    """Name and id of all pages."""
    found: list[tuple[str, str]] = []
    cursor = ""
    for _ in range(200):
        answer = client.get(f"/customers?{query}&limit={limit}{cursor}")
        assert answer.status_code == 200, answer.text
        found += [(item["name"], item["id"]) for item in answer.json["items"]]
        if answer.json["next_cursor"] is None:
            return found
        cursor = f"&cursor={answer.json['next_cursor']}"
    raise AssertionError("the pages do not end")


def ordered(made: Made, chosen: set[str], *, down: bool = False) -> list[tuple[str, str]]:
    found = [(name, id_) for id_, (name, tags) in made.items() if tags & chosen]
    return sorted(found, key=lambda one: (one[0].casefold(), one[1]), reverse=down)


@pytest.mark.parametrize("limit", [1, 7, 100])
@pytest.mark.parametrize("order", ["name", "-name"])
def test_a_filter_by_tags_comes_in_the_order_of_names(names: Made, staff: Client, limit: int, order: str) -> None:
    for chosen in (TAGS[:1], TAGS[:2]):
        query = f"sort={order}&filter={','.join(f'tag:{tag}' for tag in chosen)}"
        assert paged(staff, query, limit) == ordered(names, set(chosen), down=order == "-name")


def test_other_filters_narrow_it(names: Made, service: Service, staff: Client) -> None:
    gone = next(id_ for id_, (_, tags) in names.items() if TAGS[0] in tags)
    archive = {"id": new_id(), "reason": "closed", "at": "2026-04-01T00:00:00.000000Z"}
    name, tags = names[gone]
    deliver(
        service,
        events.customer(gone, "archived", 2, name=name, tag_ids=sorted(tags), status="archived", archive=archive),
    )
    left = [one for one in ordered(names, {TAGS[0]}) if one[1] != gone]
    assert paged(staff, f"filter=tag:{TAGS[0]},kind:business", 7) == left
    assert paged(staff, f"filter=tag:{TAGS[0]}&archived=only", 7) == [(name, gone)]
    assert paged(staff, f"filter=tag:{TAGS[0]},lifecycle:customer&q=ada&sort=name", 7) == left


@pytest.mark.parametrize("limit", [3, 100])
@pytest.mark.parametrize("order", ["name", "-name"])
def test_a_search_comes_in_the_order_of_names(names: Made, staff: Client, limit: int, order: str) -> None:
    everybody = sorted(((name, id_) for id_, (name, _) in names.items()), key=lambda one: (one[0].casefold(), one[1]))
    begins = [one for one in everybody if one[0].startswith("Bau")]
    if order == "-name":
        everybody, begins = everybody[::-1], begins[::-1]
    # All have a mail address at bauhaus; "ada baum" are two words, the second one a beginning.
    assert paged(staff, f"sort={order}&q=bau", limit) == everybody
    assert paged(staff, f"sort={order}&q=bauhaus.example", limit) == everybody
    found = paged(staff, f"sort={order}&q=ada baum", limit)
    assert found == [one for one in begins if one[0].startswith("Baum")]
