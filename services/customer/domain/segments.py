"""Segments that speak of each other: an order in which each comes after those it needs, and no rings."""

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final

from customer.errors.rules import SegmentCycle

SEGMENT_LABELS: Final = {
    "name": "Name",
    "description": "Description",
    "rule": "Rule",
    "active": "Active",
}

SWEEP_SECONDS: Final = 15 * 60

Needs = Mapping[str, Collection[str]]


def in_order(needs: Needs) -> list[str]:
    """The segments, each after those that its rule speaks of."""
    known = {segment_id: [other for other in others if other in needs] for segment_id, others in needs.items()}
    return list(TopologicalSorter(known).static_order())


def check_no_cycle(segment_id: str, needs: Needs) -> None:
    """Raises SegmentCycle, with the way round, when a segment is needed by one that it needs itself."""
    try:
        in_order(needs)
    except CycleError as error:
        raise SegmentCycle(
            "The rule speaks of a segment that depends on this one; take one of the two out of the other's rule.",
            facts={"segment_id": segment_id, "path": list(error.args[1])},
        ) from error


def needed_by(segment_id: str, needs: Needs) -> list[str]:
    """The segments whose rules speak of this one."""
    return [other for other, others in needs.items() if segment_id in others]


def ready(building: Iterable[str], needs: Needs) -> list[str]:
    """Of the segments that are being built, those that wait for no other one of them, in order."""
    waiting = set(building)
    return [each for each in in_order(needs) if each in waiting and waiting.isdisjoint(needs[each])]
