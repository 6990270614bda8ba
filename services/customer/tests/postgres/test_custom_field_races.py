"""Unique custom fields, automatic numbers and definitions, when many act at the same moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from common.service import Service
from common.testing import Client

AtOnce = Callable[[Sequence[Callable[[Client], Any]]], list[Any]]


def define(staff: Client, key: str, kind: str = "text", **settings: Any) -> dict[str, Any]:
    body = {"applies_to": "customer", "key": key, "label": key.title(), "type": kind} | settings
    answer = staff.post("/custom-fields", json=body)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_unique_value_that_many_want_belongs_to_one(staff: Client, service: Service, at_once: AtOnce) -> None:
    field = define(staff, "badge", unique=True)
    made = [staff.post("/customers", json={"name": f"N{n}"}).json for n in range(3)]
    wanted = {"custom_fields": {"badge": "B-1"}}
    answers = at_once(
        [
            *(lambda c, n=n: c.post("/customers", json={"name": f"New {n}"} | wanted) for n in range(3)),
            *(lambda c, i=one["id"]: c.patch(f"/customers/{i}", json=wanted, version=1) for one in made),
        ]
    )
    counted = Counter(answer.status_code for answer in answers)
    assert counted[409] == 5
    assert counted[200] + counted[201] == 1
    assert {a.json["code"] for a in answers if a.status_code == 409} == {"customer.custom_field_value_taken"}
    with service.db.transaction() as session:
        held = 'SELECT count(*) FROM customers WHERE custom_fields @> \'{"badge": "B-1"}\''
        assert session.execute(text(held)).scalar() == 1
    staff.delete(f"/custom-fields/{field['id']}", version=1)


def test_two_who_swap_their_unique_values_do_not_both_win(staff: Client, at_once: AtOnce) -> None:
    field = define(staff, "slot", unique=True)
    one, two = (
        staff.post("/customers", json={"name": n, "custom_fields": {"slot": n}}).json["id"] for n in ("one", "two")
    )
    for attempt in range(1, 4):
        answers = at_once(
            [
                lambda c: c.patch(f"/customers/{one}", json={"custom_fields": {"slot": "two"}}, version=1),
                lambda c: c.patch(f"/customers/{two}", json={"custom_fields": {"slot": "one"}}, version=1),
            ]
        )
        assert {answer.status_code for answer in answers} <= {409, 412, 503}, attempt
    staff.delete(f"/custom-fields/{field['id']}", version=1)


def test_automatic_numbers_are_given_once(staff: Client, at_once: AtOnce) -> None:
    field = define(staff, "case_number", "auto_number", prefix="C")
    answers = at_once([lambda c, n=n: c.post("/customers", json={"name": f"N{n}"}) for n in range(6)])
    given = sorted(answer.json["custom_fields"]["case_number"] for answer in answers)
    assert given == [f"C0000{n}" for n in range(1, 7)]
    staff.delete(f"/custom-fields/{field['id']}", version=1)


def test_a_key_that_many_define_is_defined_once(at_once: AtOnce) -> None:
    body = {"applies_to": "contact", "key": "nickname", "label": "Nickname", "type": "text"}
    answers = at_once([lambda c: c.post("/custom-fields", json=body)] * 4)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}


def test_a_limit_of_reveals_holds_for_many_at_once(staff: Client, at_once: AtOnce) -> None:
    login = {"key": "login", "label": "Login", "type": "secret"}
    kind = staff.post("/system-types", json={"name": "Alarm", "fields": [login]}).json
    customer = staff.post("/customers", json={"name": "X"}).json["id"]
    system = staff.post(f"/customers/{customer}/systems", json={"type_id": kind["id"]}).json["id"]
    path = f"/customers/{customer}/systems/{system}/secrets/login"
    assert staff.put(path, json={"value": "secret"}, version=1).status_code == 200
    answers = [answer for _ in range(6) for answer in at_once([lambda c: c.post(f"{path}/reveal")] * 6)]
    assert Counter(answer.status_code for answer in answers) == {200: 30, 429: 6}


def test_the_database_itself_holds_the_rules(staff: Client, service: Service) -> None:
    field = define(staff, "gate", unique=True)
    made = staff.post("/customers", json={"name": "X", "custom_fields": {"gate": "1"}}).json
    broken = (
        (
            "INSERT INTO custom_field_claims SELECT field_id, digest, gen_random_uuid(), customer_id"
            " FROM custom_field_claims WHERE field_id = :field",
            "custom_field_claims_pkey",
        ),
        (
            "INSERT INTO custom_fields SELECT gen_random_uuid(), applies_to, key, position, definition, archived_at, 1,"
            " created_at, updated_at FROM custom_fields WHERE id = :field",
            "custom_fields_key",
        ),
        ("UPDATE custom_fields SET key = 'Not A Key' WHERE id = :field", "custom_fields_key_check"),
        ("INSERT INTO system_secrets VALUES (gen_random_uuid(), 'login', 1, :customer, 'x')", "system_secrets"),
    )
    for statement, constraint in broken:
        with pytest.raises(IntegrityError, match=constraint), service.db.transaction() as session:
            session.execute(text(statement), {"field": field["id"], "customer": made["id"]})
