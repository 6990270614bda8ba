"""What this service is told by its environment."""

import dataclasses

from common.settings import Settings as CommonSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how long and how many requests may wait for an event."""

    wait_seconds: float = 2.0
    most_waiting: int = 64
