"""Amounts of one currency in another, by stored rates. Rounded up, against the buyer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from common.money import decimals_of

# An older rate is as good as none.
FRESH_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in the other currency, with the rate that led there: units of it for one unit of the first."""

    minor: int
    rate: Decimal
    as_of: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Rates:
    """The newest rate of each pair of currencies; those that are not fresh on the day are left out."""

    pairs: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def on(cls, day: date, rows: Iterable[Mapping[str, Any]]) -> "Rates":
        """From rows `{base, quote, rate, as_of, source}`."""
        fresh = sorted((row for row in rows if day - FRESH_FOR <= row["as_of"] <= day), key=lambda row: row["as_of"])
        return cls({(row["base"], row["quote"]): row for row in fresh})

    def converted(self, minor: int, base: str, quote: str) -> Converted | None:
        """The amount in the other currency; None where no fresh rate leads there, in neither direction."""
        if base == quote:
            return Converted(minor, Decimal(1), None, "same currency")
        scaled = Decimal(minor).scaleb(decimals_of(quote) - decimals_of(base))
        there, back = self.pairs.get((base, quote)), self.pairs.get((quote, base))
        if there is not None:
            rate = Decimal(there["rate"])
            return Converted(_up(scaled * rate), rate, there["as_of"], there["source"])
        if back is not None:
            # Divided by the rate itself: its reciprocal is rounded, and would turn a whole amount into one unit more.
            rate = Decimal(back["rate"])
            return Converted(_up(scaled / rate), 1 / rate, back["as_of"], back["source"])
        return None


def _up(exact: Decimal) -> int:
    return int(exact.to_integral_value(ROUND_CEILING))
