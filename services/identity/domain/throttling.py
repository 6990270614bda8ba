"""How long one must wait after failed attempts: nothing at first, then twice as long each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=15)

# Source: NIST SP 800-63B 3.2.2, no more than 100 failed attempts in a row for one account.
LOCKED_AFTER = 100


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many failures are free."""

    free: int


ACCOUNT = Allowance(free=5)
ADDRESS = Allowance(free=50)  # many people may share one address, and sign in at the same moment


def wait_after(failures: int, allowance: Allowance) -> timedelta:
    """The wait after that many failures in a row."""
    over = failures - allowance.free
    if over < 0:
        return timedelta()
    return min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT)


def counted(failures: int, last: datetime | None, now: datetime) -> int:
    """The failures that still count at `now`."""
    return failures if last is not None and now - last < FORGOTTEN_AFTER else 0
