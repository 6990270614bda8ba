"""Who sees a file: nobody in the portal, until somebody opens it there and has seen to whom."""

from collections.abc import Callable
from typing import Any

import pytest

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published

from .files import PDF, upload

Make = Callable[..., dict[str, Any]]

FINANCE, BUYER, ABOVE = (new_id() for _ in range(3))


def access(service: Service, customer_id: str, people: dict[str, tuple[list[str], bool]], version: int = 1) -> None:
    """Tells the service, as identity does, who may sign in for a customer: account -> (roles, also below)."""
    users = [
        {
            "account_id": account,
            "display_name": f"Person {roles[0]}",
            "username": None,
            "status": "active",
            "role": roles[0],
            "roles": roles,
            "subtree": subtree,
            "contact_id": None,
        }
        for account, (roles, subtree) in people.items()
    ]
    data = {"customer_id": customer_id, "login": None, "users": users, "changes": []}
    event = Event(
        id=new_id(),
        type="identity.access.changed.v1",
        source="urn:atrium:identity",
        subject=customer_id,
        time="2026-03-02T09:30:00Z",
        version=version,
        partition_key=customer_id,
        data=data,
        customer_id=customer_id,
    )
    deliver(service, [event])


@pytest.fixture
def company(service: Service, a_customer: Make) -> dict[str, Any]:
    """A branch with a buyer and somebody of finance, below a head office whose administrator reaches down."""
    head = a_customer()
    branch = a_customer(parent_number=head["number"])
    access(service, branch["id"], {FINANCE: (["finance"], False), BUYER: (["buyer"], False)})
    access(service, head["id"], {ABOVE: (["admin"], True), new_id(): (["approver"], False)})
    return branch


@pytest.fixture
def portal(service: Service, tokens: TestTokens, company: dict[str, Any]) -> Callable[[str], Client]:
    """A client of one of the company's accounts."""

    def of(account_id: str) -> Client:
        grants = {company["id"]: ["customers.view", "documents.view"], company["parent"]["id"]: ["customers.view"]}
        return client_for(service, tokens.portal(grants, sub=account_id))

    return of


def names(client: Client, customer_id: str) -> list[str]:
    return [item["name"] for item in client.get(f"/customers/{customer_id}/files").json["items"]]


def test_publishing_shows_before_and_after_who_will_see_the_file(
    staff: Client, service: Service, company: dict[str, Any], portal: Callable[[str], Client]
) -> None:
    path = f"/customers/{company['id']}/files"
    file = upload(staff, company["id"], "terms.pdf", PDF, category="contract").json
    one = f"{path}/{file['id']}/audience"
    assert staff.get(one).json["viewers"] == []
    preview = staff.get(f"{one}?audience=portal_roles&portal_roles=finance,approver").json
    assert [(each["account_id"], each["roles"]) for each in preview["viewers"]] == [(FINANCE, ["finance"])]
    whole = staff.get(f"{one}?audience=portal").json["viewers"]
    assert {each["account_id"] for each in whole} == {FINANCE, BUYER, ABOVE}
    assert names(portal(FINANCE), company["id"]) == []

    opened = staff.put(one, json={"audience": "portal_roles", "portal_roles": ["finance"]}, version=1)
    assert [each["account_id"] for each in opened.json["viewers"]] == [FINANCE]
    assert opened.headers["ETag"] == '"v2"'
    event = published(service.db)[-1]
    assert [(change["path"], change["after"]) for change in event.data["changes"]] == [
        ("audience", "portal_roles"),
        ("portal_roles", ["finance"]),
    ]
    assert names(portal(FINANCE), company["id"]) == ["terms.pdf"]
    assert names(portal(BUYER), company["id"]) == []
    assert portal(BUYER).get(f"{path}/{file['id']}/content").status_code == 404
    assert portal(FINANCE).get(f"{path}/{file['id']}/content").data == PDF

    assert staff.put(one, json={"audience": "portal"}, version=1).status_code == 412
    assert staff.put(one, json={"audience": "portal"}, version=2).status_code == 200
    assert names(portal(BUYER), company["id"]) == ["terms.pdf"]
    assert staff.put(one, json={"audience": "internal"}, version=3).json["viewers"] == []
    assert names(portal(BUYER), company["id"]) == []


def test_the_audience_of_a_file_is_unchanged_when_its_record_is_shared(
    staff: Client, service: Service, tokens: TestTokens, company: dict[str, Any], portal: Callable[[str], Client]
) -> None:
    """Whatever else of a customer becomes visible in the portal, its files do not follow."""
    file = upload(staff, company["id"], "internal.pdf", PDF, category="site_map").json
    path = f"/customers/{company['id']}"
    # The record is shared: a note for the portal, another person with every role, a new head office, another file.
    contact = staff.post(f"{path}/contacts", json={"name": "R"}).json
    attached = upload(
        staff, company["id"], "on-contact.pdf", PDF, category="site_map", scope_type="contact", scope_id=contact["id"]
    ).json
    shared = {"body": "see the file", "visibility": "portal", "scope_type": "contact", "scope_id": contact["id"]}
    assert staff.post(f"{path}/notes", json=shared).status_code == 201
    access(service, company["id"], {BUYER: (["admin", "approver", "buyer", "finance"], True)}, version=2)
    other = upload(staff, company["id"], "published.pdf", PDF, category="site_map").json
    staff.put(f"{path}/files/{other['id']}/audience", json={"audience": "portal"}, version=1)
    everything = ["customers.view", "customers.edit", "documents.view", "documents.manage", "documents.restricted"]
    reader = client_for(service, tokens.portal({company["id"]: everything}, sub=BUYER))
    assert names(reader, company["id"]) == ["published.pdf"]
    for hidden in (file, attached):
        assert staff.get(f"{path}/files/{hidden['id']}").json["audience"] == "internal"
        assert staff.get(f"{path}/files/{hidden['id']}").json["version"] == 1
        for below in ("", "/content"):
            answer = reader.get(f"{path}/files/{hidden['id']}{below}")
            assert (answer.status_code, answer.json["code"]) == (404, "customer.file_not_found")
    # Nor does a new version or a stay in the bin widen it.
    upload(staff, company["id"], "internal.pdf", PDF + b"\n", category="site_map", replaces=file["id"])
    staff.delete(f"{path}/files/{file['id']}", version=2)
    assert staff.post(f"{path}/files/{file['id']}/restoration").json["audience"] == "internal"
    assert names(reader, company["id"]) == ["published.pdf"]


def test_restricted_files_need_their_permission(
    staff: Client, service: Service, tokens: TestTokens, company: dict[str, Any]
) -> None:
    colleague = client_for(service, tokens.staff(["customers.view", "documents.manage"]))
    refused = upload(colleague, company["id"], "a.pdf", PDF, category="site_map", audience="restricted")
    assert (refused.status_code, refused.json["permission"]) == (403, "documents.restricted")
    file = upload(staff, company["id"], "a.pdf", PDF, category="site_map", audience="restricted").json
    path = f"/customers/{company['id']}/files"
    assert names(colleague, company["id"]) == []
    for answer in (
        colleague.get(f"{path}/{file['id']}/content"),
        colleague.get(f"{path}/{file['id']}/versions"),
        colleague.patch(f"{path}/{file['id']}", json={"description": "x"}, version=1),
        colleague.put(f"{path}/{file['id']}/audience", json={"audience": "internal"}, version=1),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "customer.file_not_found")
    # That the name is taken is told; of what, is not.
    taken = upload(colleague, company["id"], "a.pdf", PDF, category="site_map")
    assert (taken.status_code, taken.json.get("file_id")) == (409, None)


def test_who_fetches_a_restricted_or_published_file_is_written_down(
    staff: Client, company: dict[str, Any], portal: Callable[[str], Client]
) -> None:
    path = f"/customers/{company['id']}/files"
    plain, secret, shared = (
        upload(staff, company["id"], f"{name}.pdf", PDF, category="site_map", **form).json
        for name, form in {"plain": {}, "secret": {"audience": "restricted"}, "shared": {}}.items()
    )
    staff.put(f"{path}/{shared['id']}/audience", json={"audience": "portal"}, version=1)
    for file in (plain, secret):
        staff.get(f"{path}/{file['id']}/content")
    portal(BUYER).get(f"{path}/{shared['id']}/content", headers={"Range": "bytes=0-3"})
    assert staff.get(f"{path}/{plain['id']}/accesses").json["items"] == []
    (logged,) = staff.get(f"{path}/{secret['id']}/accesses").json["items"]
    assert (logged["actor_label"], logged["audience"], logged["revision"]) == ("Test Staff", "restricted", 1)
    (logged,) = staff.get(f"{path}/{shared['id']}/accesses").json["items"]
    assert (logged["actor"], logged["audience"]) == (f"portal:{BUYER}", "portal")


def test_what_a_portal_user_sends_is_for_the_whole_company(
    staff: Client, company: dict[str, Any], portal: Callable[[str], Client]
) -> None:
    made = upload(portal(FINANCE), company["id"], "our.pdf", PDF, category="onboarding", audience="restricted")
    assert made.status_code in {201, 403}
    made = upload(portal(FINANCE), company["id"], "our.pdf", PDF, category="onboarding")
    assert (made.status_code, made.json["audience"]) == (201, "portal"), made.json
    assert names(portal(BUYER), company["id"]) == ["our.pdf"]
    assert "our.pdf" in names(staff, company["id"])
    foreign = upload(portal(FINANCE), new_id(), "our.pdf", PDF, category="onboarding")
    assert foreign.status_code == 404
    changed = portal(FINANCE).delete(f"/customers/{company['id']}/files/{made.json['id']}", version=1)
    assert (changed.status_code, changed.json["code"]) == (403, "staff_only")
