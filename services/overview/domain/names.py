"""Names that several rooms share: the consumers of the generations, and the channels of notifications."""

CONSUMER = "overview"

NOBODY = "00000000-0000-0000-0000-000000000000"  # whose history holds the events without a customer

SEEN = "overview_seen"  # notified when events have taken effect
ARRIVED = "overview_arrived"  # notified when arrivals were numbered


def consumer_of(number: int) -> str:
    """The inbox consumer that fills a generation while it is built."""
    return f"{CONSUMER}@{number}"
