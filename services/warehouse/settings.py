"""What this service is told by its environment."""

import dataclasses

from common.settings import Settings as CommonSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how long goods are held for orders that nobody has confirmed, how imports go, and
    what counts for returns and claims."""

    soft_reservation_hours: int = 72  # since the order was last heard of; a confirmation reserves anew
    import_max_bytes: int = 100_000_000
    import_chunk_rows: int = 1_000
    import_lease_seconds: int = 20  # after a worker dies, its import goes on after this long
    return_days: int = 30  # after delivery, for articles whose listing does not say
    claim_days: int = 30  # after delivery, for what came damaged, was missing or never arrived
    return_ship_days: int = 30  # for which an authorized return waits for its goods
