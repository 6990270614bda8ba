"""What the relays say of themselves: that they live, and how far behind they are."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.beat import Beat
from common.envelope import Event

# The moment of arrival, by this database's clock: the clocks of other machines do not matter.
_NOTE = text(
    """
    INSERT INTO owners (service, beat_at, oldest_unsent_seconds, unsent)
    VALUES (:service, now(), :oldest, :unsent)
    ON CONFLICT (service) DO UPDATE
    SET beat_at = excluded.beat_at, oldest_unsent_seconds = excluded.oldest_unsent_seconds, unsent = excluded.unsent
    """
)


def note_beat(session: Session, event: Event) -> None:
    """Remembers a heartbeat."""
    beat = Beat.read(event)
    session.execute(_NOTE, {"service": beat.service, "oldest": beat.oldest_unsent_seconds, "unsent": beat.unsent})
