"""What portal accounts see of the settings: what counts for their own customers, and nothing else."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for

pytestmark = pytest.mark.postgres

FEE = {"fee_note": "3 EUR per person and month"}


def of(customer_id: str) -> str:
    return f"/customers/{customer_id}/portal-settings"


@pytest.fixture
def decided(staff: Client, tree: Any) -> None:
    """The parent and the group of the branch have decided for it."""
    hq = {"settings": {"hr_sync_enabled": "on"}, "locks": {"hr_sync_enabled": True}, "licence_acknowledgement": FEE}
    assert staff.patch(of(tree.hq), json=hq, version=0).status_code == 200
    group = {"settings": {"billing_enabled": "off"}}
    path = f"/customer-groups/{tree.clinics}/portal-settings"
    assert staff.patch(path, json=group, version=0).status_code == 200


@pytest.mark.usefixtures("decided")
def test_a_portal_account_sees_what_counts_for_its_customer(portal: Client, tree: Any) -> None:
    shown = portal.get(of(tree.branch)).json
    sync, billing = shown["settings"]["hr_sync_enabled"], shown["settings"]["billing_enabled"]
    assert (sync["effective"], sync["active"], sync["source"]) == ("on", True, "ancestor")
    assert (billing["effective"], billing["source"]) == ("off", "group")


@pytest.mark.usefixtures("decided")
def test_it_is_not_told_who_its_parent_and_its_group_are(portal: Client, tree: Any) -> None:
    answer = portal.get(of(tree.branch))
    assert answer.json["licence"]["fee_note"] == FEE["fee_note"]
    text = answer.get_data(as_text=True)
    for secret in (tree.hq, "Hq", tree.clinics, "Clinics", "Grace Hopper"):
        assert secret not in text


def test_it_sees_no_other_customer_and_no_other_scope(portal: Client, tree: Any) -> None:
    for customer_id in (tree.hq, tree.site, tree.loner):
        assert portal.get(of(customer_id)).status_code == 404
        assert portal.patch(of(customer_id), json={}, version=0).status_code == 404
    assert portal.get("/portal-settings").json["code"] == "staff_only"
    assert portal.get(f"/customer-groups/{tree.clinics}/portal-settings").json["code"] == "staff_only"


def test_it_changes_nothing(portal: Client, tree: Any) -> None:
    answer = portal.patch(of(tree.branch), json={"settings": {"order_authorization": "on"}}, version=0)
    assert (answer.status_code, answer.json["code"]) == (403, "staff_only")


@pytest.mark.usefixtures("decided")
def test_the_effective_switches_of_several_customers_come_at_once(
    staff: Client, portal: Client, service: Service, tree: Any, tokens: TestTokens
) -> None:
    nobody = "0195556a-0000-7000-8000-00000000ffff"
    path = f"/internal/effective-switches?customer_ids={tree.branch},{tree.site},{tree.loner},{nobody}"
    everybody = {item["customer_id"]: item["switches"] for item in staff.get(path).json["items"]}
    assert set(everybody) == {tree.branch, tree.site, tree.loner}
    assert everybody[tree.site]["hr_sync_enabled"]["active"]
    assert everybody[tree.loner]["hr_sync_enabled"]["effective"] == "off"
    (own,) = portal.get(path).json["items"]
    assert (own["customer_id"], own["switches"]) == (tree.branch, everybody[tree.branch])
    assert client_for(service, tokens.staff([])).get(path).json["items"] == []
    without = client_for(service, tokens.portal({tree.branch: []}))
    assert without.get(path).json["items"] == []


@pytest.mark.parametrize("ids", ["", "x", "0195556a-0000-7000-8000-00000000ffff,", ",".join(["a" * 36] * 201)])
def test_ids_that_are_none_are_refused(staff: Client, ids: str) -> None:
    assert staff.get(f"/internal/effective-switches?customer_ids={ids}").status_code == 422
