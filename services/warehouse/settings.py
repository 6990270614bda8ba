"""What this service is told by its environment."""

import dataclasses

from common.settings import Settings as CommonSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how long goods are held for orders that nobody has confirmed."""

    soft_reservation_hours: int = 72  # since the order was last heard of; a confirmation reserves anew
