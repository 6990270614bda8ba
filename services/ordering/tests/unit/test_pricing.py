"""What a line costs."""

from decimal import Decimal

import pytest

from ordering.domain.pricing import line_total


@pytest.mark.parametrize(
    ("quantity", "unit", "discount", "total"),
    [
        (12, 1400, "0", 16_800),
        (35, 1680, "0.15", 49_980),
        (1, 5, "0.5", 3),  # a half goes up
        (3, 1, "0.5", 2),
        (0, 999, "0", 0),
        (7, 333, "1", 0),
    ],
)
def test_a_line_is_rounded_half_up_once(quantity: int, unit: int, discount: str, total: int) -> None:
    assert line_total(quantity, unit, Decimal(discount)) == total
