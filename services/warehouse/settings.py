"""What this service is told by its environment."""

import dataclasses

from common.settings import Settings as CommonSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how long goods are held for orders that nobody has confirmed, and how imports
    go."""

    soft_reservation_hours: int = 72  # since the order was last heard of; a confirmation reserves anew
    import_max_bytes: int = 100_000_000
    import_chunk_rows: int = 1_000
    import_lease_seconds: int = 20  # after a worker dies, its import goes on after this long
