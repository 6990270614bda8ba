"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    def __init__(self, moment: datetime | None = None) -> None:
        self._moment = moment or datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self._moment

    def move(self, **by: float) -> None:
        """Moves time forward: `move(minutes=5)`."""
        self._moment += timedelta(**by)
