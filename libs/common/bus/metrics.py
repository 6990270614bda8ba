"""What the bus tells Prometheus about itself."""

from prometheus_client import Counter, Gauge, Histogram

_LATENCY = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LAG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600, 3600)

OUTBOX_UNSENT = Gauge("atrium_outbox_unsent", "Events not yet sent", ["service", "lane"])
OUTBOX_OLDEST = Gauge("atrium_outbox_oldest_unsent_seconds", "Age of the oldest unsent event", ["service", "lane"])
OUTBOX_BLOCKED = Gauge("atrium_outbox_blocked_keys", "Keys that wait behind an event that cannot be sent", ["service"])
RELAY_ACTIVE = Gauge("atrium_relay_active", "1 where this process holds the relay of its database", ["service"])
PUBLISHED = Counter("atrium_published", "Messages by outcome", ["service", "outcome"])
CONFIRM_SECONDS = Histogram("atrium_confirm_seconds", "From publishing to confirms", ["service"], buckets=_LATENCY)

SHARDS_HELD = Gauge("atrium_shards_held", "Shards that this process consumes", ["consumer"])
LAG_SECONDS = Histogram(
    "atrium_consumer_lag_seconds", "From the time of a batch's oldest event to its effect", ["consumer"], buckets=_LAG
)
HANDLED = Counter("atrium_handled", "Events that took effect", ["consumer"])
DUPLICATES = Counter("atrium_duplicates", "Deliveries of events that had taken effect before", ["consumer"])
FAILED = Counter("atrium_failed_attempts", "Attempts to handle an event that failed", ["consumer"])
BATCH_SECONDS = Histogram("atrium_batch_seconds", "Time to handle and commit one batch", ["consumer"], buckets=_LATENCY)
HELD = Gauge("atrium_held", "Events that wait in the table held", ["consumer", "state"])
DEAD = Gauge("atrium_dead", "Messages that nobody can handle", ["consumer"])
