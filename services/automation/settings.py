"""What this service is told by its environment."""

import dataclasses

from common.settings import Settings as CommonSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """Besides the common settings: how far rules may lead to rules, and how long it is kept what they did."""

    chain_depth: int = 5  # how many events may lead to what a rule does
    run_days: int = 90  # after their end runs are forgotten
