"""The life of a return, what an inspection may decide, and the life of a transfer and of a customer's warehouse."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from common.errors import Refusal
from warehouse.domain import returns, transfers
from warehouse.domain.warehouses import STATES, after_switch, next_step, state_of

WAYS = {
    ("requested", "authorize"): {"authorized", "partially_authorized"},
    ("requested", "deny"): {"denied"},
    ("requested", "cancel"): {"cancelled"},
    **{
        (status, command): to
        for status in ("authorized", "partially_authorized")
        for command, to in {
            "arrive": {"in_transit"},
            "receive": {"partially_received", "received"},
            "cancel": {"cancelled"},
            "expire": {"expired"},
        }.items()
    },
    ("in_transit", "arrive"): {"in_transit"},
    ("in_transit", "receive"): {"partially_received", "received"},
    ("in_transit", "cancel"): {"cancelled"},
    ("partially_received", "arrive"): {"partially_received"},
    ("partially_received", "receive"): {"partially_received", "received"},
    ("received", "inspect"): {"inspected"},
    ("inspected", "close"): {"closed"},
}


@pytest.mark.parametrize(("status", "command"), list(itertools.product(returns.STATUSES, returns.COMMANDS)))
def test_each_command_leads_where_it_should_and_nowhere_else(status: str, command: str) -> None:
    if (status, command) in WAYS:
        assert set(returns.TRANSITIONS[status][command]) == WAYS[status, command]
        return
    with pytest.raises(Refusal) as refused:
        returns.after(status, command)
    assert refused.value.code == "warehouse.return_state"
    assert refused.value.facts["commands"] == sorted(
        name for state, name in WAYS if state == status and name != "expire"
    )


def test_the_window_counts_from_the_delivery_and_is_open_until_then() -> None:
    delivered = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert returns.window_ends(None, 14) is None
    assert returns.window_ends(delivered, 14) == delivered + timedelta(days=14)


@pytest.mark.parametrize(
    ("condition", "disposition", "pool"),
    [
        (condition, disposition, "on_hand" if (condition, disposition) == ("A", "restock") else apart)
        for condition in returns.CONDITIONS
        for disposition, apart in (
            ("restock", None),
            ("quarantine", "quarantine"),
            ("repair", "quarantine"),
            ("return_to_vendor", "quarantine"),
            ("scrap", None),
            ("return_to_customer", None),
        )
    ],
)
def test_only_condition_a_that_is_restocked_comes_on_the_shelf(
    condition: str, disposition: str, pool: str | None
) -> None:
    assert returns.pool_of({"condition": condition, "disposition": disposition}) == pool


@pytest.mark.parametrize("resolution", returns.RESOLUTIONS)
def test_whose_the_goods_are_follows_from_the_place_and_what_is_granted(resolution: str) -> None:
    outcome = {"resolution": resolution}
    assert returns.owner_of(outcome, "c", dedicated=True) == "c"
    assert returns.owner_of(outcome, "c", dedicated=False) == (
        None if resolution in {"credit", "refund", "replace"} else "c"
    )


@pytest.mark.parametrize(
    ("outcome", "dedicated", "unexpected"),
    [
        (("B", "restock", "credit"), False, False),
        (("A", "restock", "reject"), False, False),
        (("A", "restock", "credit"), True, False),
        (("A", "quarantine", "replace"), True, False),
        (("A", "restock", "none"), False, True),
        (("A", "quarantine", "credit"), False, True),
    ],
)
def test_outcomes_that_do_not_fit_are_refused(outcome: tuple[str, str, str], dedicated: bool, unexpected: bool) -> None:
    decided = dict(zip(("condition", "disposition", "resolution"), outcome, strict=True))
    with pytest.raises(Refusal) as refused:
        returns.check_outcome(decided, "/lines/0/outcomes/0", dedicated=dedicated, unexpected=unexpected)
    assert refused.value.code == "warehouse.return_outcome"
    assert refused.value.errors[0].pointer.startswith("/lines/0/outcomes/0/")


def test_an_inspection_speaks_of_what_was_received_and_accepts_no_more_than_was_shipped() -> None:
    line = {"sku": "P", "shipment_id": "s", "quantity_received": 5, "quantity_claimed": 3}
    keep, back = {"quantity": 3, "resolution": "credit"}, {"quantity": 2, "resolution": "reject"}
    assert returns.counted(line, [keep, back], "/lines/0") == (3, 2)
    for outcomes in ([keep], [keep, back, back], [keep, {"quantity": 2, "resolution": "credit"}]):
        with pytest.raises(Refusal) as refused:
            returns.counted(line, outcomes, "/lines/0")
        assert refused.value.code == "warehouse.inspection_incomplete"


MOVES = {
    ("requested", "approve"),
    ("requested", "cancel"),
    ("approved", "dispatch"),
    ("approved", "cancel"),
    *((status, command) for status in ("in_transit", "partially_received") for command in ("receive", "close")),
    ("received", "close"),
}


@pytest.mark.parametrize(
    ("status", "command"),
    list(itertools.product(transfers.STATUSES, ("approve", "dispatch", "receive", "close", "cancel"))),
)
def test_a_transfer_goes_its_way_and_no_other(status: str, command: str) -> None:
    if (status, command) in MOVES:
        assert transfers.after(status, command) in transfers.STATUSES
        return
    with pytest.raises(Refusal) as refused:
        transfers.after(status, command)
    assert refused.value.code == "warehouse.transfer_state"


@pytest.mark.parametrize(
    ("status", "was_on", "on", "drained", "expected"),
    [
        ("active", False, False, False, ("active", False)),  # made ahead of its switch, and being filled
        ("active", False, True, False, ("active", False)),
        ("active", True, False, False, ("draining", True)),
        ("draining", False, True, True, ("active", False)),
        ("draining", True, True, False, ("draining", False)),  # by somebody's will
        ("draining", False, False, True, ("draining", True)),
        ("closed", True, False, False, ("closed", False)),
    ],
)
def test_a_warehouse_follows_its_switch(
    status: str, was_on: bool, on: bool, drained: bool, expected: tuple[str, bool]
) -> None:
    assert after_switch(status, was_on=was_on, on=on, drained=drained) == expected


def test_every_state_of_a_customers_warehouse_says_what_to_do() -> None:
    found = {
        state_of(on=on, status=status, blocked=blocked)
        for on, status, blocked in itertools.product((True, False), (None, "active", "draining"), (True, False))
    }
    assert found == set(STATES)
    assert all(next_step(state) for state in found)
