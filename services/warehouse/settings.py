"""What this service is told by its environment."""

import dataclasses

from common.settings import Settings as CommonSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how long goods are held for orders that nobody has confirmed, and what
    counts for returns."""

    soft_reservation_hours: int = 72  # since the order was last heard of; a confirmation reserves anew
    return_days: int = 30  # after delivery, for articles whose listing does not say
    return_ship_days: int = 30  # for which an authorized return waits for its goods
