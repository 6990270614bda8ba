"""What the environment tells this service."""

import pytest

from common.settings import MissingSettings
from ordering.settings import Ceilings, Settings


@pytest.mark.parametrize(
    ("text", "ceilings"),
    [
        ("", {}),
        ("5000 EUR", {"EUR": 500_000}),
        ("5000.50 EUR, 900 JPY", {"EUR": 500_050, "JPY": 900}),
    ],
)
def test_ceilings_are_amounts_by_currency(text: str, ceilings: dict[str, int]) -> None:
    assert Ceilings(text) == ceilings


@pytest.mark.parametrize("text", ["5000", "EUR 5000", "much EUR", "5000 eur"])
def test_a_ceiling_that_cannot_be_read_stops_the_start(text: str) -> None:
    with pytest.raises(MissingSettings, match="AUTO_CONFIRM_CEILING"):
        Settings.from_env({"AUTO_CONFIRM_CEILING": text})
