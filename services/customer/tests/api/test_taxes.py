"""Tax ids and certificates through the API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from customer.use_cases.exemptions import remind

Make = Callable[..., dict[str, Any]]

# Numbers with right check digits, so that each test has its own.
FRENCH = ("40303265045", "23334175221", "02843231408", "83404833048")
VALID_TO = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()


def add(staff: Client, customer: dict[str, Any], value: str, country: str = "FR", **fields: Any) -> Any:
    return staff.post(f"/customers/{customer['id']}/tax-ids", json={"country": country, "value": value} | fields)


def certify(staff: Client, customer: dict[str, Any], **fields: Any) -> Any:
    body = {"kind": "exemption", "reason": "Non-profit", "number": "E-1", "jurisdictions": ["US-NY"]}
    body |= {"valid_from": "2024-01-01", "verified": True}
    return staff.post(f"/customers/{customer['id']}/exemptions", json=body | fields)


def decide(client: Client, customer: dict[str, Any], jurisdiction: str, on: str = "2025-06-01") -> dict[str, Any]:
    path = f"/customers/{customer['id']}/exemptions/decision?jurisdiction={jurisdiction}&on={on}"
    return client.get(path).json


def test_a_tax_id_is_kept_without_prefix_and_separators_and_shown_as_people_write_it(
    staff: Client, a_customer: Make
) -> None:
    answer = add(staff, a_customer(), "de 136.695 976", "de")
    assert answer.status_code == 201, answer.json
    tax_id = answer.json
    assert (tax_id["country"], tax_id["scheme"], tax_id["value"]) == ("DE", "vat", "136695976")
    assert tax_id["written"] == "DE136695976"
    assert tax_id["check"] == {"state": "unchecked", "checked_at": None, "last_valid_at": None, "evidence": None}


@pytest.mark.parametrize(
    ("country", "scheme", "value", "kept", "shown"),
    [
        ("GB", "vat", "GB 980 7806 84", "980780684", "GB980780684"),
        ("GR", "vat", "EL 094259216", "094259216", "EL094259216"),
        ("AT", "vat", "ATU13585627", "U13585627", "ATU13585627"),
        ("US", "ein", "91-1144442", "911144442", "91-1144442"),
        ("CH", "uid", "CHE-100.155.212", "CHE100155212", "CHE-100.155.212"),
    ],
)
def test_each_country_has_its_own_kinds(
    staff: Client, a_customer: Make, country: str, scheme: str, value: str, kept: str, shown: str
) -> None:
    tax_id = add(staff, a_customer(), value, country, scheme=scheme).json
    assert (tax_id["value"], tax_id["written"]) == (kept, shown)
    offered = staff.get(f"/tax-id-schemes?country={country}").json["items"]
    assert scheme in [entry["code"] for entry in offered]


@pytest.mark.parametrize(
    ("country", "scheme", "value", "code", "pointer", "sentence"),
    [
        ("DE", "vat", "DE136695977", "customer.tax_id_malformed", "/value", "wrong check digit"),
        ("DE", "vat", "DE1366", "customer.tax_id_malformed", "/value", "wrong number of characters"),
        ("DE", "vat", "DE13669597X", "customer.tax_id_malformed", "/value", "characters"),
        ("DE", "ein", "136695976", "customer.tax_scheme_unknown", "/scheme", "vat, idnr, stnr"),
        ("QQ", "vat", "1", "customer.field_invalid", "/country", "ISO 3166-1"),
    ],
)
def test_what_cannot_be_a_tax_id_is_refused_with_the_reason(
    staff: Client, a_customer: Make, country: str, scheme: str, value: str, code: str, pointer: str, sentence: str
) -> None:
    answer = add(staff, a_customer(), value, country, scheme=scheme)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert answer.json["errors"][0]["pointer"] == pointer
    assert sentence in answer.json["detail"]


def test_a_tax_id_of_another_tree_is_refused_with_who_has_it(staff: Client, a_customer: Make) -> None:
    head = a_customer(name="Alder")
    branch, stranger = a_customer(parent_id=head["id"]), a_customer()
    assert add(staff, head, FRENCH[0]).status_code == 201
    assert add(staff, head, f"FR {FRENCH[0]}").json["code"] == "customer.field_invalid"
    assert add(staff, branch, FRENCH[0]).status_code == 201
    refused = add(staff, stranger, FRENCH[0])
    assert (refused.status_code, refused.json["code"]) == (409, "customer.duplicate_tax_id")
    assert refused.json["name"] == "Alder"
    assert head["number"] in refused.json["detail"]
    assert refused.json["errors"][0]["pointer"] == "/value"
    other = add(staff, stranger, FRENCH[1]).json
    path = f"/customers/{stranger['id']}/tax-ids/{other['id']}"
    assert staff.patch(path, json={"value": FRENCH[0]}, version=1).json["code"] == "customer.duplicate_tax_id"
    moved = staff.patch(f"/customers/{branch['id']}", json={"parent_id": None}, version=1)
    assert moved.json["code"] == "customer.duplicate_tax_id"


def test_an_archived_customer_gives_its_tax_id_free_and_cannot_come_back_with_it(
    staff: Client, a_customer: Make
) -> None:
    one, other = a_customer(), a_customer()
    add(staff, one, FRENCH[2])
    staff.post(f"/customers/{one['id']}/archival", json={"reason": "closed"})
    assert add(staff, other, FRENCH[2]).status_code == 201
    refused = staff.post(f"/customers/{one['id']}/restoration")
    assert (refused.status_code, refused.json["customer_id"]) == (409, other["id"])


def test_the_register_is_recorded_with_evidence_and_silence_takes_nothing_away(
    staff: Client, service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    made = a_customer()
    path = f"/customers/{made['id']}/tax-ids/{add(staff, made, FRENCH[3]).json['id']}"
    valid = staff.post(f"{path}/checks", json={"state": "valid", "evidence": "VIES WAPI-7"}).json["check"]
    assert (valid["state"], valid["evidence"]) == ("valid", "VIES WAPI-7")
    [event] = published(service.db)[-1:]
    assert event.type == "customer.tax_id.updated.v1"
    assert [change["path"] for change in event.data["changes"]] == ["check_state", "checked_at", "check_evidence"]
    silent = staff.post(f"{path}/checks", json={"state": "unreachable", "evidence": "HTTP 503"}).json["check"]
    assert (silent["state"], silent["last_valid_at"]) == ("unreachable", valid["checked_at"])
    assert staff.post(f"{path}/checks", json={"state": "unchecked", "evidence": "x"}).status_code == 422
    assert staff.post(f"{path}/checks", json={"state": "valid"}).status_code == 422
    later = {"state": "valid", "evidence": "x", "checked_at": "2100-01-01T00:00:00Z"}
    assert staff.post(f"{path}/checks", json=later).json["errors"][0]["pointer"] == "/checked_at"
    portal = client_for(service, tokens.portal({made["id"]: ["customers.view"]}))
    assert "evidence" not in portal.get(path).json["check"]
    corrected = staff.patch(path, json={"country": "DE", "value": "DE811569869"}, version=3).json
    assert corrected["check"] == {"state": "unchecked", "checked_at": None, "last_valid_at": None, "evidence": None}
    assert staff.patch(path, json={"value": "x"}, version=3).status_code == 412
    assert staff.delete(path, version=4).status_code == 204
    assert staff.get(path).json["code"] == "customer.tax_id_not_found"


def test_a_certificate_frees_from_tax_where_and_while_it_is_valid(staff: Client, a_customer: Make) -> None:
    made = a_customer()
    assert decide(staff, made, "US-NY")["reason"] == "none"
    answer = certify(staff, made, valid_to="2025-12-31", jurisdictions=["us-ny", "DE", "US-NY"])
    assert answer.status_code == 201, answer.json
    certificate = answer.json
    assert certificate["jurisdictions"] == ["DE", "US-NY"]
    assert certificate["verified_by"]["label"] == "Test Staff"
    yes = decide(staff, made, "us-ny")
    assert (yes["exempt"], yes["reason"], yes["certificate"]["id"]) == (True, "certificate", certificate["id"])
    assert decide(staff, made, "US-NY", "2025-12-31")["exempt"] is True
    assert decide(staff, made, "DE-BY")["exempt"] is True
    for jurisdiction, day, reason in (
        ("US-NY", "2026-01-01", "expired"),
        ("US-NY", "2023-12-31", "not_yet_valid"),
        ("US-ME", "2025-06-01", "other_jurisdiction"),
    ):
        no = decide(staff, made, jurisdiction, day)
        assert (no["exempt"], no["certificate"], no["reason"]) == (False, None, reason)
        assert no["explanation"]
    assert decide(staff, made, "US-QQ")["code"] == "customer.field_invalid"
    assert decide(staff, made, "anywhere")["code"] == "validation_failed"


def test_what_nobody_verified_frees_from_nothing_and_a_change_must_be_verified_again(
    staff: Client, service: Service, a_customer: Make
) -> None:
    made = a_customer()
    certificate = certify(staff, made, verified=False).json
    assert (certificate["verified"], certificate["verified_by"]) == (False, None)
    assert decide(staff, made, "US-NY")["reason"] == "not_verified"
    path = f"/customers/{made['id']}/exemptions/{certificate['id']}"
    assert staff.patch(path, json={"verified": True}, version=1).json["verified"] is True
    [change] = published(service.db)[-1].data["changes"]
    assert (change["path"], change["after_label"]) == ("verified_by", "Test Staff")
    assert decide(staff, made, "US-NY")["exempt"] is True
    assert staff.patch(path, json={"verified": True}, version=2).json["version"] == 2
    assert staff.patch(path, json={"valid_to": "2030-12-31"}, version=2).json["verified"] is False
    again = staff.patch(path, json={"file_id": new_id(), "verified": True}, version=3).json
    assert again["verified"] is True
    assert staff.patch(path, json={"valid_to": "2020-01-01"}, version=4).json["errors"][0]["pointer"] == "/valid_to"
    assert staff.delete(path, version=4).status_code == 204
    assert staff.get(path).json["code"] == "customer.exemption_not_found"


@pytest.mark.parametrize(
    ("days", "state"),
    [
        ({"valid_from": "2100-01-01"}, "pending"),
        ({}, "valid"),
        ({"valid_to": VALID_TO}, "expiring"),
        ({"valid_to": "2024-06-01"}, "expired"),
    ],
)
def test_the_state_of_a_certificate_follows_from_its_days(
    staff: Client, a_customer: Make, days: dict[str, str], state: str
) -> None:
    assert certify(staff, a_customer(), **days).json["state"] == state


def test_a_certificate_is_reminded_of_once_for_each_threshold(
    service: Service, staff: Client, a_customer: Make
) -> None:
    def reminders() -> list[tuple[int, int]]:
        service.db.run(remind)
        return [
            (event.data["threshold"], event.data["days_left"])
            for event in published(service.db)
            if event.type == "customer.exemption.expiring.v1" and event.customer_id == customer["id"]
        ]

    customer = a_customer()
    certificate = certify(staff, customer, valid_to=in_days(70)).json
    certify(staff, customer, valid_to=in_days(-1))
    certify(staff, customer)
    path = f"/customers/{customer['id']}/exemptions/{certificate['id']}"
    assert reminders() == []
    staff.patch(path, json={"valid_to": in_days(25)}, version=1)
    # Of 60 and 30, which passed at once, only the nearest is said; and it is said once.
    assert reminders() == reminders() == [(30, 25)]
    assert staff.patch(path, json={"valid_to": in_days(7)}, version=3).status_code == 200
    assert reminders() == [(30, 25), (7, 7)]


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def test_the_portal_reads_its_own_tax_facts_and_changes_none(
    service: Service, staff: Client, tokens: TestTokens, a_customer: Make
) -> None:
    own, foreign = a_customer(), a_customer()
    certificate = certify(staff, own).json
    portal = client_for(service, tokens.portal({own["id"]: ["customers.view"]}))
    [shown] = portal.get(f"/customers/{own['id']}/exemptions").json["items"]
    assert (shown["verified"], "verified_by" in shown) == (True, False)
    assert decide(portal, own, "US-NY")["exempt"] is True
    assert portal.get(f"/customers/{foreign['id']}/tax-ids").status_code == 404
    assert portal.get(f"/customers/{own['id']}/tax-ids").json["items"] == []
    refused = portal.delete(f"/customers/{own['id']}/exemptions/{certificate['id']}", version=1)
    assert refused.json["code"] == "staff_only"
