"""Which sections cannot be trusted to be up to date, from the heartbeats of the services that own them."""

from collections.abc import Iterable

from overview.domain.sections import SECTIONS

SILENT_SECONDS = 15.0  # three heartbeats missed
BEHIND_SECONDS = 5.0

Owner = tuple[str, float, float]  # service, seconds since its last beat, age of its oldest unsent event then


def unavailable(owners: Iterable[Owner]) -> list[str]:
    """The sections whose owner is not heard of, or has events that it could not send for some seconds. What is served
    of them is whole, and as old as its `as_of`."""
    well = {service for service, silent, unsent in owners if silent <= SILENT_SECONDS and unsent <= BEHIND_SECONDS}
    return [section for section, service in SECTIONS.items() if service not in well]
