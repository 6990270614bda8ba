"""What the timeline says of purchase limits and of cost centres."""

import json
from pathlib import Path

import pytest

from common.settings import Settings
from overview.domain.nouns import BY_TYPE


def label(event_type: str, example: str = "usual", **data: object) -> str:
    folder = Path(Settings().contracts_dir) / "events" / event_type.removesuffix(".v1") / "v1" / "examples"
    document = json.loads((folder / f"{example}.json").read_text())
    return BY_TYPE[event_type].label(document["data"] | data)


def test_a_limit_is_called_by_its_name_and_a_cost_centre_by_code_and_name() -> None:
    assert label("ordering.purchase_limit.created.v1") == "Monthly budget"
    assert label("ordering.cost_centre.updated.v1") == "4100-IT Information technology"


@pytest.mark.parametrize(
    ("verb", "example", "said"),
    [
        ("near", "usual", "Monthly budget: 4200.00 of 5000.00 GBP (O-1)"),
        ("exceeded", "usual", "Monthly budget: 5100.00 of 5000.00 GBP (O-1)"),
        ("exceeded", "minimal", "No lamps: 12 of 10 (O-1)"),
    ],
)
def test_what_orders_make_of_a_limit_is_said_with_its_figures(verb: str, example: str, said: str) -> None:
    assert label(f"ordering.purchase_limit.{verb}.v1", example, order_number="O-1") == said


def test_a_limit_that_cannot_be_compared_is_said_to_be_so() -> None:
    said = label("ordering.purchase_limit.exceeded.v1", reason="no_rate", used=None, order_number="O-2")
    assert said == "Monthly budget: no rate leads to its currency (O-2)"
