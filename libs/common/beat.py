"""Heartbeats of the relays: each owner says every few seconds that it lives and how far behind its outbox is.

They travel beside outbox and inbox: nobody needs an old one, and they must arrive when the outbox does not move. A
service that wants them names itself in `contracts/events/common.relay.beat/v1/consumers/` and gives `Service.on_beat`,
which is called in a transaction of its own.
"""

from dataclasses import dataclass

from common.bus.port import BEATS, Outgoing
from common.clock import SystemClock, rfc3339
from common.envelope import Event, encode
from common.ids import new_id

BEAT = "common.relay.beat.v1"
EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Beat:
    """What one relay says: the age of its oldest unsent event (0 without one), and how many, 10,000 at most."""

    service: str
    oldest_unsent_seconds: float
    unsent: int

    @classmethod
    def read(cls, event: Event) -> "Beat":
        """The beat in an event that `on_beat` was given."""
        return cls(event.data["service"], event.data["oldest_unsent_seconds"], event.data["unsent"])


def outgoing(beat: Beat) -> Outgoing:
    """The message of a beat, from now."""
    event = Event(
        id=new_id(),
        type=BEAT,
        source=f"urn:atrium:{beat.service}",
        subject=beat.service,
        time=rfc3339(SystemClock().now()),
        version=1,
        partition_key=beat.service,
        data={
            "service": beat.service,
            "oldest_unsent_seconds": round(beat.oldest_unsent_seconds, 3),
            "unsent": beat.unsent,
        },
    )
    return Outgoing(event.id, BEAT, BEATS, encode(event), mandatory=False)
