"""Requests for assets over HTTP: asked for, promised, handed out, taken back, and never promised twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from warehouse.tests.inventories import MEMBER, Company

pytestmark = pytest.mark.postgres

ANNA = {"id": new_id(), "label": "Anna Keller"}
Make = Callable[..., Company]


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_a_request_is_approved_with_an_asset_and_fulfilled_by_its_check_out(company: Make, service: Service) -> None:
    one = company()
    asset = one.asset(model="Meridian 14")
    request = one.ask(model="meridian 14", custodian=ANNA, location="Room 3", note="Begins in April")
    assert (request["status"], request["asset_id"], request["number"][:3]) == ("requested", None, "AR-")
    approved = one.decide_on(request, "approval", reason="Of the spare ones")
    assert (approved["status"], approved["asset_id"], approved["asset_tag"]) == ("approved", asset["id"], asset["tag"])
    assert (one.read(asset)["status"], one.read(asset)["request_id"]) == ("reserved", request["id"])
    out = one.do(asset, "check-out")
    assert (out["status"], out["custodian"], out["location"], out["request_id"]) == ("deployed", ANNA, "Room 3", None)
    done = one.request(request)
    assert (done["status"], done["asset_id"], done["commands"]) == ("fulfilled", asset["id"], [])
    one.do(asset, "check-in")
    assert one.request(request) == done, "a check-in does not bring a request back"
    told = [event.type.split(".")[2] for event in published(service.db) if event.subject == request["id"]]
    assert told == ["requested", "approved", "fulfilled"]
    history = one.admin.get(f"/assets/{asset['id']}/history").json["items"]
    assert [entry["command"] for entry in history] == ["check_in", "check_out", "reserve", "create"]
    assert [entry["request_id"] for entry in history] == [None, request["id"], request["id"], None]


def test_who_asks_for_oneself_is_its_custodian_by_name(company: Make) -> None:
    one = company()
    asset = one.asset()
    request = one.ask(asset_id=asset["id"])
    one.decide_on(request, "approval")
    assert one.do(asset, "check-out")["custodian"] == {"id": None, "label": request["requester"]["label"]}


def test_what_is_promised_goes_to_nobody_else(company: Make) -> None:
    one = company()
    asset = one.asset()
    one.decide_on(one.ask(asset_id=asset["id"], custodian=ANNA), "approval")
    other = {"id": new_id(), "label": "Bert"}
    answer = one.admin.post(f"/assets/{asset['id']}/check-out", json={"custodian": other})
    assert refused(answer) == (409, "warehouse.asset_promised")
    second = one.ask(asset_id=asset["id"])
    answer = one.admin.post(f"/asset-requests/{second['id']}/approval", json={})
    assert refused(answer) == (409, "warehouse.asset_state")
    assert one.request(second)["status"] == "requested"


@pytest.mark.parametrize(("command", "status"), [("denial", "denied"), ("cancellation", "cancelled")])
@pytest.mark.parametrize("approved", [False, True])
def test_a_request_that_is_given_up_frees_its_asset(company: Make, command: str, status: str, approved: bool) -> None:
    one = company()
    asset = one.asset()
    request = one.ask(asset_id=asset["id"])
    if approved:
        one.decide_on(request, "approval")
    ended = one.decide_on(request, command, reason="Not now")
    assert (ended["status"], ended["asset_id"], ended["reason"]) == (status, None, "Not now")
    assert (one.read(asset)["status"], one.read(asset)["request_id"]) == ("in_stock", None)
    for again in ("approval", "denial", "cancellation"):
        body = {"reason": "x"} if again != "approval" else {}
        answer = one.admin.post(f"/asset-requests/{request['id']}/{again}", json=body)
        assert refused(answer) == (409, "warehouse.asset_request_state")


def test_who_asked_cancels_until_it_is_fulfilled_and_nobody_else_does(company: Make) -> None:
    one = company()
    asset = one.asset()
    request = one.ask(asset_id=asset["id"])
    path = f"/asset-requests/{request['id']}"
    colleague = one.person(*MEMBER)
    assert refused(colleague.post(f"{path}/cancellation", json={})) == (403, "warehouse.asset_request_not_yours")
    assert refused(one.member.post(f"{path}/approval", json={})) == (403, "permission_missing")
    one.decide_on(request, "approval")
    assert one.member.post(f"{path}/cancellation", json={}).json["status"] == "cancelled"
    again = one.ask(asset_id=asset["id"])
    one.decide_on(again, "approval")
    one.do(asset, "check-out")
    answer = one.member.post(f"/asset-requests/{again['id']}/cancellation", json={})
    assert refused(answer) == (409, "warehouse.asset_request_state")
    assert [item["id"] for item in one.member.get("/asset-requests?mine=true").json["items"]] == [
        again["id"],
        request["id"],
    ]
    assert colleague.get("/asset-requests?mine=true").json["items"] == []
    assert [item["id"] for item in colleague.get("/asset-requests?status=fulfilled").json["items"]] == [again["id"]]


def test_a_request_says_what_is_wanted_and_gets_nothing_else(company: Make) -> None:
    one, other = company(), company()
    laptop, phone, theirs = one.asset(sku="LAP"), one.asset(sku="TEL"), other.asset(sku="LAP")
    empty = one.member.post("/asset-requests", json={"customer_id": one.id})
    assert refused(empty) == (422, "warehouse.asset_request_empty")
    foreign = one.member.post("/asset-requests", json={"customer_id": one.id, "asset_id": theirs["id"]})
    assert refused(foreign) == (422, "warehouse.asset_unknown")
    request = one.ask(sku="lap")
    path = f"/asset-requests/{request['id']}/approval"
    assert refused(one.admin.post(path, json={"asset_id": phone["id"]})) == (409, "warehouse.asset_does_not_fit")
    assert refused(one.admin.post(path, json={"asset_id": theirs["id"]})) == (422, "warehouse.asset_unknown")
    assert one.admin.post(path, json={"asset_id": laptop["id"]}).json["asset_id"] == laptop["id"]
    none = one.ask(sku="LAP")
    answer = one.admin.post(f"/asset-requests/{none['id']}/approval", json={})
    assert refused(answer) == (409, "warehouse.no_asset_free")
    retired = one.in_status("retired")
    gone = one.member.post("/asset-requests", json={"customer_id": one.id, "asset_id": retired["id"]})
    assert refused(gone) == (409, "warehouse.asset_state")
    assert refused(other.member.get(f"/asset-requests/{request['id']}")) == (404, "warehouse.asset_request_not_found")


@pytest.mark.parametrize("named", [True, False])
def test_one_asset_is_never_promised_to_two_requests_at_once(
    company: Make, staff: Client, named: bool, figure: Callable[..., None]
) -> None:
    one = company()
    free, wanting = 5, 25
    assets = [one.asset(model="Phone") for _ in range(free)]
    wanted = [{"asset_id": assets[number % free]["id"]} if named else {"model": "Phone"} for number in range(wanting)]
    requests = [one.ask(**fields) for fields in wanted]
    start = Barrier(wanting)

    def approve(request: Any) -> tuple[int, str]:
        start.wait()
        answer = one.admin.post(f"/asset-requests/{request['id']}/approval", json={})
        return answer.status_code, answer.json.get("code", "")

    with ThreadPoolExecutor(wanting) as pool:
        answers = list(pool.map(approve, requests))
    won = [answer for answer in answers if answer[0] == 200]
    assert len(won) == free
    lost = "warehouse.asset_state" if named else "warehouse.no_asset_free"
    assert {answer for answer in answers if answer[0] != 200} == {(409, lost)}
    approved = [item for item in map(one.request, requests) if item["status"] == "approved"]
    assert sorted(item["asset_id"] for item in approved) == sorted(asset["id"] for asset in assets)
    for item in approved:
        assert one.read({"id": item["asset_id"]})["request_id"] == item["id"]
    figure("approvals at once for 5 assets", f"{len(won)} of {wanting} won")


def test_an_asset_is_handed_out_or_its_request_cancelled_never_both(company: Make) -> None:
    one = company()
    for _ in range(8):
        asset = one.asset()
        request = one.ask(asset_id=asset["id"])
        one.decide_on(request, "approval")
        start = Barrier(2)

        def at_once(path: str, start: Barrier = start) -> int:
            start.wait()
            return int(one.admin.post(path, json={}).status_code)

        paths = [f"/assets/{asset['id']}/check-out", f"/asset-requests/{request['id']}/cancellation"]
        with ThreadPoolExecutor(2) as pool:
            codes = list(pool.map(at_once, paths))
        ended = (one.read(asset)["status"], one.request(request)["status"])
        assert (codes, ended) in (
            ([200, 409], ("deployed", "fulfilled")),
            # Once it is free, a check-out says to whom it goes.
            ([422, 200], ("in_stock", "cancelled")),
        )
