"""Contracts: states, what fits together, notice and renewal."""

from datetime import date
from typing import Any

import pytest

from ordering.domain.contracts import (
    COMMANDS,
    STATUSES,
    TRANSITIONS,
    after,
    at_its_end,
    check_contract,
    ending,
    renewed,
)
from ordering.errors.contracts import ContractStatus, ContractUnsuitable, NoticeTooShort

TODAY = date(2026, 3, 2)


def contract(**fields: Any) -> dict[str, Any]:
    plain = {"status": "active", "valid_from": date(2025, 1, 1), "valid_to": date(2026, 12, 31), "renewal": "none"}
    return plain | {"renewal_months": None, "notice_days": 90} | fields


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_leads_on_or_is_refused_with_what_is_possible(status: str, command: str) -> None:
    to = TRANSITIONS[status].get(command)
    if to is not None:
        assert after(status, command) == to
        return
    with pytest.raises(ContractStatus) as refused:
        after(status, command)
    assert refused.value.facts["commands"] == sorted(TRANSITIONS[status])


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"valid_to": date(2024, 12, 31)}, "/valid_to"),
        ({"renewal": "automatic"}, "/renewal_months"),
        ({"renewal": "automatic", "renewal_months": 12, "valid_to": None}, "/valid_to"),
    ],
)
def test_what_does_not_fit_is_named(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ContractUnsuitable) as refused:
        check_contract(contract(**fields))
    assert [error.pointer for error in refused.value.errors] == [pointer]


@pytest.mark.parametrize(
    ("fields", "on", "agreed", "changes"),
    [
        ({}, date(2026, 5, 31), False, {"valid_to": date(2026, 5, 31), "renewal": "none"}),
        ({}, TODAY, True, {"status": "ended", "ended_on": TODAY}),
        ({}, date(2026, 12, 31), False, {"valid_to": date(2026, 12, 31), "renewal": "none"}),
        ({"notice_days": 400}, date(2026, 12, 31), False, {"valid_to": date(2026, 12, 31), "renewal": "none"}),
        ({"notice_days": 0}, TODAY, False, {"status": "ended", "ended_on": TODAY}),
        ({"status": "draft"}, TODAY, False, {"status": "ended", "ended_on": TODAY}),
    ],
)
def test_it_ends_at_once_or_on_its_day(fields: dict[str, Any], on: date, agreed: bool, changes: dict[str, Any]) -> None:
    assert ending(contract(**fields), on, TODAY, agreed=agreed) == changes


def test_without_notice_it_does_not_end_and_says_when_it_could() -> None:
    with pytest.raises(NoticeTooShort) as refused:
        ending(contract(), date(2026, 5, 30), TODAY, agreed=False)
    assert refused.value.facts["earliest"] == "2026-05-31"
    automatic = contract(renewal="automatic", renewal_months=12, valid_to=date(2026, 4, 1))
    with pytest.raises(NoticeTooShort):
        ending(automatic, date(2026, 4, 1), TODAY, agreed=False)


def test_it_does_not_end_before_it_began() -> None:
    with pytest.raises(ContractUnsuitable):
        ending(contract(notice_days=0), date(2024, 1, 1), TODAY, agreed=True)


def test_after_its_last_day_it_ends_or_goes_on_by_whole_terms() -> None:
    over = contract(valid_to=date(2026, 1, 31))
    assert at_its_end(over, TODAY) == {"status": "ended", "ended_on": date(2026, 1, 31), "reason": "term_over"}
    goes_on = over | {"renewal": "automatic", "renewal_months": 1}
    assert at_its_end(goes_on, TODAY) == {"valid_to": date(2026, 3, 31)}
    assert renewed(over, 13) == {"valid_to": date(2027, 2, 28)}
    with pytest.raises(ContractUnsuitable):
        renewed(contract(valid_to=None), 12)
