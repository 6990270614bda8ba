"""A rule asked of records one by one and asked of tables by SQL gives the same answer, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.ids import new_id
from common.service import Service
from customer.domain import rule_fields
from customer.domain.records import new_contact, new_customer
from customer.domain.rule_fields import CustomField, Offered
from customer.queries.rules.conditions import condition
from customer.queries.rules.records import records
from customer.tables.customers import customers
from customer.tables.rules import segment_members, segments, tags
from customer.tables.systems import system_types, systems
from customer.use_cases import store
from customer_rules import OPERATORS, Field, Fields, When, fold, matches, parse

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORDS = ("Müller", "muller", "STRASSE", "Straße", "Ærø", "north sea", "o'brien", "Ågot", "ﬁne", "Ελλάς", "ΕΛΛΆΣ", "x_%")
TAGS = [new_id() for _ in range(3)]
SEGMENTS = [new_id() for _ in range(2)]
GROUPS = [new_id() for _ in range(2)]
SYSTEM_TYPES = [new_id() for _ in range(2)]
PLACES = [new_id() for _ in range(3)]  # each below the one before
PROPERTIES = [new_id() for _ in range(4)]  # in these and in none
CUSTOM = (
    CustomField("seats", "Seats", "decimal"),
    CustomField("region", "Region", "text"),
    CustomField("size", "Size", "select", {"s": "Small", "l": "Large"}),
    CustomField("trades", "Trades", "multi_select", {"a": "A", "b": "B", "c": "C"}),
    CustomField("since", "Since", "date"),
    CustomField("seen", "Seen", "datetime"),
    CustomField("vip", "Vip", "boolean"),
    CustomField("budget", "Budget", "money"),
)
FIELDS: Fields = rule_fields.fields(
    Offered(
        tags=dict.fromkeys(TAGS, "tag"),
        groups=dict.fromkeys(GROUPS, "group"),
        segments=dict.fromkeys(SEGMENTS, "segment"),
        location_groups=dict.fromkeys(PLACES, "place"),
        system_types=dict.fromkeys(SYSTEM_TYPES, "type"),
        custom_fields=CUSTOM,
        contact_fields=CUSTOM[:2],
    )
)

some_text = st.one_of(
    st.sampled_from(WORDS), st.text(st.characters(max_codepoint=0x24F, exclude_characters="\x00"), max_size=6)
)
# Beginnings and ends of what the records hold, so that such comparisons are true of some of them.
heads = st.sampled_from([word[:length] for word in WORDS for length in (1, 3)])
tails = st.sampled_from([word[-length:] for word in WORDS for length in (1, 3)])
days = st.integers(-800, 60).map(lambda ahead: NOW.date() + timedelta(days=ahead))
moments = st.integers(-800 * 24, 60 * 24).map(lambda hours: NOW + timedelta(hours=hours))
numbers = st.one_of(st.integers(-50, 50), st.decimals(-50, 50, places=2).map(str), st.floats(-50, 50))


some_roles = st.sampled_from(["owner", "payer", "manager"])
some_states = st.sampled_from(["current", "current", "planned", "ended"])


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


custom_fields = st.fixed_dictionaries(
    {},
    optional={
        "seats": st.one_of(numbers, st.sampled_from(["many", True, None])),
        "region": some_text,
        "size": st.sampled_from(["s", "l"]),
        "trades": st.lists(st.sampled_from("abc"), max_size=3, unique=True),
        "since": days.map(lambda day: day.isoformat()),
        "seen": moments.map(lambda at: at.isoformat().replace("+00:00", "Z")),
        "vip": maybe(st.booleans()),
        "budget": numbers.map(lambda amount: {"amount": str(amount), "currency": "EUR"}),
    },
)


def system_of(customer_id: str, type_id: str, name: str) -> dict[str, Any]:
    """An installed system."""
    made = {"id": new_id(), "customer_id": customer_id, "type_id": type_id, "type_version": 1, "name": name}
    made |= {"status": ("active", "retired")[len(name) % 2], "field_values": {}, "secrets": {}}
    return made | {"version": 1, "created_at": NOW, "updated_at": NOW}


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """A customer with what belongs to it."""
    made = new_customer(draw(some_text) or "x", draw(st.sampled_from(["business", "person"])), new_id(), NOW)
    made |= {
        "dba_name": draw(maybe(some_text)),
        "lifecycle": draw(st.sampled_from(["lead", "prospect", "customer"])),
        "created_at": draw(moments),
        "group_id": draw(maybe(st.sampled_from(GROUPS))),
        "tag_ids": draw(st.lists(st.sampled_from(TAGS), unique=True)),
        "custom_fields": draw(custom_fields),
    }
    contacts = [
        new_contact(made["id"], NOW)
        | {
            "name": draw(some_text) or "y",
            "title": draw(maybe(some_text)),
            "emails": [{"label": "work", "address": draw(some_text), "default": True}] * draw(st.integers(0, 2)),
            "roles": draw(st.lists(st.sampled_from(["buyer", "finance"]), unique=True)),
            "custom_fields": {"seats": draw(numbers), "region": draw(some_text)},
        }
        for _ in range(draw(st.integers(0, 2)))
    ]
    addresses = [
        {
            "id": new_id(),
            "customer_id": made["id"],
            "purposes": draw(st.lists(st.sampled_from(["billing", "ship_to", "site"]), min_size=1, unique=True)),
            "default_for": [],
            "line1": "1",
            "city": draw(some_text) or "z",
            "country": draw(st.sampled_from(["DE", "FR"])),
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
        }
        for _ in range(draw(st.integers(0, 2)))
    ]
    members = draw(st.lists(st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(["rule", "manual_out"])), max_size=1))
    held = draw(st.lists(st.tuples(st.sampled_from(PROPERTIES), some_roles, some_states), max_size=2))
    systems = [
        system_of(made["id"], draw(st.sampled_from(SYSTEM_TYPES)), draw(some_text) or "s")
        for _ in range(draw(st.integers(0, 1)))
    ]
    whole = {"customer": made, "contacts": contacts, "addresses": addresses, "members": members}
    return whole | {"held": held, "systems": systems}


def value_of(field: Field, op: str) -> st.SearchStrategy[Any]:
    """Values that the field and operator take."""
    if op in {"is_set", "is_not_set"}:
        return st.none()
    if op in {"within_last", "within_next"}:
        units = ["day", "week", "month", "quarter", "year", *(["hour"] if field.type == "datetime" else [])]
        return st.fixed_dictionaries({"n": st.integers(1, 40), "unit": st.sampled_from(units)})
    if op in {"this", "last"}:
        return st.sampled_from(["day", "week", "month", "quarter", "year"])
    if op == "anniversary":
        return maybe(st.fixed_dictionaries({"n": st.integers(0, 200), "unit": st.just("day")}))
    if op == "matches_word":
        return st.sampled_from(["Müller", "sea", "o", "Straße"])
    if op in {"contains", "starts_with", "ends_with"}:
        return st.one_of(heads, tails)
    one: st.SearchStrategy[Any] = {
        "text": some_text.filter(lambda said: bool(fold(said.strip()))),
        "choice": st.sampled_from(list(field.choices or ["buyer", "finance"])),
        "number": numbers.map(lambda number: number if not isinstance(number, float) else round(number, 3)),
        "boolean": st.booleans(),
        "date": days.map(lambda day: day.isoformat()),
        "datetime": days.map(lambda day: day.isoformat()),
    }[field.type]
    if op == "between":
        key = (lambda said: float(said)) if field.type == "number" else str
        return st.lists(one, min_size=2, max_size=2).map(lambda pair: sorted(pair, key=key))
    return st.lists(one, min_size=1, max_size=3) if op in {"in", "nin", "any_of", "all_of", "none_of"} else one


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    field = FIELDS[draw(st.sampled_from(sorted(FIELDS)))]
    op = draw(st.sampled_from(field.operators))
    said: dict[str, Any] = {"field": field.name, "op": op}
    value = draw(value_of(field, op))
    if value is not None:
        said["value"] = value
    if field.related:
        said["quantifier"] = draw(st.sampled_from(["any", "none", "count"]))
        if said["quantifier"] == "count":
            op = draw(st.sampled_from(["eq", "ne", "lt", "gte", "between"]))
            said["count"] = {"op": op, "value": [0, 1] if op == "between" else draw(st.integers(0, 2))}
    return said


rules = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
).filter(lambda rule: depth(rule) <= 6)


def depth(rule: Any) -> int:
    parts = rule.get("all") or rule.get("any") or ([rule["not"]] if "not" in rule else [])
    return 1 + max((depth(part) for part in parts), default=0)


@pytest.fixture(scope="module")
def prepared(service: Service) -> Service:
    """The service, with what the generated customers refer to."""
    stamps = {"version": 1, "created_at": NOW, "updated_at": NOW}
    with service.db.transaction() as session:
        for number, group_id in enumerate(GROUPS):
            session.execute(
                text("INSERT INTO customer_groups (id, name) VALUES (:id, :name)"),
                {"id": group_id, "name": f"{number}"},
            )
        colour = {"colour": "#ffffff", "archived": False, **stamps}
        store.insert(session, tags, [{"id": tag_id, "name": tag_id, **colour} for tag_id in TAGS])
        kept = {"rule": {"all": []}, "active": True, "rule_version": 1, "relative": False, "depends_on": [], **stamps}
        session.execute(text(_PLACES), {"ids": PLACES, "above": [None, *PLACES[:2]]})
        kinds, words = ["shop", "office", "plant", "shop"], list(WORDS[:4])
        located = {"ids": PROPERTIES, "kinds": kinds, "names": words, "places": [*PLACES, None]}
        session.execute(text(_PROPERTIES), located)
        types = [{"id": each, "name": each, "fields": [], **stamps} for each in SYSTEM_TYPES]
        store.insert(session, system_types, types)
        store.insert(session, segments, [{"id": each, "name": each, "swept_at": NOW, **kept} for each in SEGMENTS])
    return service


_PLACES = """
    INSERT INTO location_groups (id, parent_id, name)
    SELECT id, above, CAST(id AS text) FROM unnest(CAST(:ids AS uuid[]), CAST(:above AS uuid[])) AS p(id, above)
"""
_PROPERTIES = """
    INSERT INTO properties (id, number, name, kind, line1, city, country, location_group_id)
    SELECT id, CAST(id AS text), name, kind, '1', name, 'DE', place
    FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:kinds AS text[]), CAST(:places AS uuid[]))
         AS p(id, name, kind, place)
"""
_ASSIGNMENTS = """
    INSERT INTO assignments (id, property_id, stretch, customer_id, role, starts_on, state)
    SELECT gen_random_uuid(), p.id, p.stretch, a.customer, a.role, DATE '2026-01-01', a.state
    FROM unnest(
             CAST(:customers AS uuid[]), CAST(:properties AS uuid[]), CAST(:roles AS text[]), CAST(:states AS text[])
         ) AS a(customer, property, role, state) JOIN properties p ON p.id = a.property
"""


def stored(session: Session, made: list[dict[str, Any]]) -> list[str]:
    store.insert_customers(session, [one["customer"] for one in made])
    store.insert_contacts(session, [contact for one in made for contact in one["contacts"]])
    addresses = [address for one in made for address in one["addresses"]]
    for address in addresses:
        address["purposes"] = [{"purpose": purpose, "default": False} for purpose in address["purposes"]]
    store.insert_addresses(session, addresses)
    stays = [
        {"segment_id": segment_id, "customer_id": one["customer"]["id"], "id": new_id(), "entered_at": NOW}
        | {"rule_version": 1, "source": source}
        for one in made
        for segment_id, source in one["members"]
    ]
    store.insert(session, segment_members, stays)
    store.insert(session, systems, [system for one in made for system in one["systems"]])
    held = [(one["customer"]["id"], *each) for one in made for each in one["held"]]
    columns = [list(column) for column in zip(*held, strict=True)] or [[], [], [], []]
    session.execute(text(_ASSIGNMENTS), dict(zip(("customers", "properties", "roles", "states"), columns, strict=True)))
    return [one["customer"]["id"] for one in made]


class Undone(Exception):
    """Ends a transaction without a trace."""


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=st.lists(people(), min_size=1, max_size=5), documents=st.lists(rules, min_size=1, max_size=6))
def test_sql_and_evaluation_agree(prepared: Service, made: list[dict[str, Any]], documents: list[Any]) -> None:
    when = When(NOW, ZoneInfo("Europe/Berlin"))
    try:
        with prepared.db.transaction() as session:
            ids = stored(session, made)
            plain = records(session, ids)
            for document in documents:
                rule = parse(document, FIELDS)
                statement = select(customers.c.id).where(customers.c.id.in_(ids), condition(rule, when))
                by_sql = set(session.execute(statement).scalars())
                one_by_one = {each for each in ids if matches(rule, plain[each], when)}
                assert by_sql == one_by_one, rule.document
                # A generator of its own fields: nothing it says is refused.
                assert parse(rule.document, FIELDS).document == rule.document
            raise Undone
    except Undone:
        pass


def pairs() -> Iterator[tuple[Field, str]]:
    for field in FIELDS.values():
        yield from ((field, op) for op in field.operators)


def population() -> list[dict[str, Any]]:
    """Customers of which each comparison below is true of some and false of others."""
    made = []
    for place, word in enumerate(WORDS * 2):
        other = WORDS[(place * 5 + 1) % len(WORDS)]
        customer = new_customer(word, ("business", "person")[place % 2], new_id(), NOW)
        day = NOW + timedelta(days=(0, -1, -6, -8, -31, -95, -370, 3, -366)[place % 9], hours=place)
        customer |= {
            "dba_name": None if place % 3 else other,
            "lifecycle": ("lead", "prospect", "customer")[place % 3],
            "created_at": day,
            "updated_at": day,
            "group_id": (None, *GROUPS)[place % 3],
            "tag_ids": TAGS[: place % 4],
            "custom_fields": {
                "seats": (place, str(place), f"{place}.50", "many", True, None)[place % 6],
                "region": (word, 3, None)[place % 3],
                "size": ("s", "l", None)[place % 3],
                "trades": (["a"], ["a", "b"], [], "a")[place % 4],
                "since": day.date().isoformat(),
                "seen": day.isoformat().replace("+00:00", "Z"),
                "vip": (True, False, "true", None)[place % 4],
                "budget": ({"amount": f"{place}.00", "currency": "EUR"}, None)[place % 2],
            },
        }
        contact = new_contact(customer["id"], NOW) | {"name": other, "title": (None, word)[place % 2]}
        contact["department"] = (word, None)[place % 2]
        contact["emails"] = [{"label": "work", "address": f"{other}@x.test", "default": True}] * (place % 3)
        contact["phones"] = [{"label": "work", "number": f"+49{place}", "default": True}] * (place % 2)
        contact["custom_fields"] = ({"seats": place, "region": word}, {})[place % 2]
        contact["roles"] = (["buyer"], ["buyer", "finance"], [])[place % 3]
        address = {
            "id": new_id(),
            "customer_id": customer["id"],
            "line1": "1",
            "default_for": [],
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
            "purposes": (["billing"], ["ship_to", "legal"], ["site"])[place % 3],
            "city": other,
            "region": (word, None)[place % 2],
            "postal_code": (f"{place}00", None)[place % 2],
            "country": ("DE", "FR")[place % 2],
        }
        members = [(SEGMENTS[place % 2], ("rule", "manual_in", "manual_out")[place % 3])][: place % 4]
        more = address | {"id": new_id(), "purposes": ["billing"], "city": word}
        addresses = [address, more][: place % 4]
        contacts = [contact, contact | {"id": new_id(), "name": word}][: place % 3]
        states = ("current", "planned", "current", "ended")
        held = [
            (PROPERTIES[(place + step) % 4], ("owner", "payer")[step], states[place % 4]) for step in range(place % 3)
        ]
        kept = [system_of(customer["id"], SYSTEM_TYPES[place % 2], word)] * (place % 3 > 0)
        whole = {"customer": customer, "contacts": contacts, "addresses": addresses, "members": members}
        made.append(whole | {"held": held, "systems": kept})
    return made


def said_of(field: Field, op: str) -> list[Any]:
    """Values for a comparison that are true of some of the population."""
    if op in {"is_set", "is_not_set"}:
        return [None]
    if op in {"within_last", "within_next"}:
        return [{"n": n, "unit": unit} for n in (1, 3) for unit in ("day", "week", "month", "quarter", "year")]
    if op in {"this", "last"}:
        return ["day", "week", "month", "quarter", "year"]
    if op == "anniversary":
        return [None, {"n": 9, "unit": "day"}]
    if op == "matches_word":
        return ["sea", "müller", "brien"]
    if op in {"contains", "starts_with", "ends_with"}:
        return ["m", "S", "e", "ελ", "x_", "test", "+", "0"]
    some: list[Any] = {
        "text": ["muller", "strasse", "north sea", "ελλας", "DE", "+491", "100", "Müller@x.test"],
        "choice": list(field.choices or ["buyer", "finance"]),
        "number": [0, 3, "4.50", 12],
        "boolean": [True, False],
        "date": ["2026-03-02", "2026-02-24", "2025-02-28"],
        "datetime": ["2026-03-02", "2026-02-24", "2025-02-28"],
    }[field.type]
    if op == "between":
        return [sorted(some[:2], key=str)]
    return [some[:1], some[:2]] if op in {"in", "nin", "any_of", "all_of", "none_of"} else some


def test_every_operator_of_every_field_agrees_and_tells_apart(prepared: Service) -> None:
    when = When(NOW, ZoneInfo("Europe/Berlin"))
    alike = []
    with prepared.db.transaction() as session:
        ids = stored(session, population())
        plain = records(session, ids)
        for field, op in pairs():
            true_of: set[str] = set()
            false_of: set[str] = set()
            for value in said_of(field, op):
                said = {"field": field.name, "op": op} | ({} if value is None else {"value": value})
                rule = parse(said, FIELDS)
                statement = select(customers.c.id).where(customers.c.id.in_(ids), condition(rule, when))
                by_sql = set(session.execute(statement).scalars())
                assert by_sql == {each for each in ids if matches(rule, plain[each], when)}, said
                true_of |= by_sql
                false_of |= set(ids) - by_sql
            if not (true_of and false_of):
                alike.append((field.name, op))
        session.rollback()
    # Some values are always there, and some fields hold no words; most comparisons must tell customers apart.
    assert len(alike) * 4 < sum(1 for _ in pairs()), alike


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    said=st.one_of(
        some_text,
        st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs", "Cn"], exclude_characters="\x00")),
    )
)
def test_text_is_folded_alike(service: Service, said: str) -> None:
    with service.db.transaction() as session:
        assert session.execute(text("SELECT fold_text(:said)"), {"said": said}).scalar() == fold(said)


def test_every_type_has_operators() -> None:
    assert {field.type for field in FIELDS.values()} == set(OPERATORS)
