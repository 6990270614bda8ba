"""The life of a listing, and what can be said of one."""

from itertools import product

import pytest

from common.errors import Refusal
from ordering.domain.listings import STATUSES, check_open, moved, words_of
from ordering.domain.price_lists import MAX_PRICES, check_known_once, check_price_list
from ordering.errors.listings import ListingStatusWrong
from ordering.errors.prices import PriceListUnsuitable, PricesUnsuitable

ALLOWED = {
    ("draft", "published"),
    ("draft", "retired"),
    ("published", "paused"),
    ("published", "retired"),
    ("paused", "published"),
    ("paused", "retired"),
}


@pytest.mark.parametrize(("status", "verb"), [*product(STATUSES, ("published", "paused", "retired"))])
def test_only_these_steps_are_allowed(status: str, verb: str) -> None:
    if (status, verb) in ALLOWED:
        assert moved(status, verb) == verb
        return
    with pytest.raises(ListingStatusWrong) as refused:
        moved(status, verb)
    assert refused.value.facts == {"status": status}


def test_only_what_is_retired_cannot_be_changed() -> None:
    for status in STATUSES[:3]:
        check_open(status)
    with pytest.raises(ListingStatusWrong):
        check_open("retired")


def test_the_search_finds_without_accents_and_case() -> None:
    record = {"sku": "CAF-1", "name": "Café LAMP", "category": None, "description": "Straße"}
    assert words_of(record) == "caf-1 cafe lamp strasse"


@pytest.mark.parametrize(
    ("kind", "target", "pointer"), [("standard", "t", "/target_id"), ("group", None, "/target_id")]
)
def test_a_price_list_is_for_everybody_or_for_one_target(kind: str, target: str | None, pointer: str) -> None:
    record = {"kind": kind, "target_id": target, "valid_from": None, "valid_to": None}
    with pytest.raises(PriceListUnsuitable) as refused:
        check_price_list(record)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_of_many_wrong_prices_twenty_are_named() -> None:
    unknown = {"listing_id": None, "min_quantity": 1, "valid_from": None}
    with pytest.raises(PricesUnsuitable) as refused:
        check_known_once([unknown] * MAX_PRICES)
    assert len(refused.value.errors) == 20
    assert isinstance(refused.value, Refusal)
    assert str(MAX_PRICES) in refused.value.detail
