"""What this service is told by its environment."""

import dataclasses
from decimal import Decimal, InvalidOperation

from common.money import decimals_of
from common.settings import Settings as CommonSettings


class Ceilings(dict[str, int]):
    """Minor units by currency: `5000 EUR, 6000.50 USD`."""

    def __init__(self, text: str) -> None:
        """Raises ValueError where an item is no amount and currency."""
        super().__init__()
        for item in filter(None, (part.strip() for part in text.split(","))):
            amount, _, currency = item.partition(" ")
            if len(currency) != 3 or not currency.isupper():
                raise ValueError(f"{item!r} is no amount and currency")
            try:
                self[currency] = int(Decimal(amount).scaleb(decimals_of(currency)))
            except InvalidOperation as error:
                raise ValueError(f"{item!r} is no amount and currency") from error


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how long orders wait for somebody, which of them confirm themselves, and how imports
    go."""

    auto_confirm_ceiling: Ceilings = dataclasses.field(
        default_factory=lambda: Ceilings("")
    )  # up to how much an order confirms itself where that is on: `5000 EUR, 6000 USD`; empty for any amount
    order_pending_days: int = 30  # after so many days without a decision an order expires
    order_reminder_days: int = 3  # so many days before an order expires it is told; 0 for never
    date_tolerance_days: int = 7  # a pre-order that comes later than that asks its buyer: accept the day, or cancel
    import_max_bytes: int = 100_000_000
    import_chunk_rows: int = 1_000
    import_lease_seconds: int = 20  # after a worker dies, its import goes on after this long
