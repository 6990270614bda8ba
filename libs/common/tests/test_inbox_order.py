"""The order in which a batch takes effect."""

from common.inbox import in_order
from common.testing.events import event


def arrival(subject: str, version: int, *, key: str = "k", entity: str = "thing"):
    return event(f"sample.{entity}.made.v1", subject, {}, version=version, customer_id=key), "interactive"


def told(arrivals):
    return [(one.partition_key, one.type.split(".")[1], one.subject, one.version) for one, _ in in_order(arrivals)]


def test_what_came_too_early_waits_for_the_older_versions_of_its_aggregate() -> None:
    assert told([arrival("a", 6), arrival("a", 3), arrival("a", 4), arrival("a", 7)]) == [
        ("k", "thing", "a", version) for version in (3, 4, 6, 7)
    ]


def test_different_aggregates_of_a_key_keep_the_order_in_which_they_came() -> None:
    came = [arrival("b", 2), arrival("a", 9), arrival("b", 1, entity="part"), arrival("a", 10)]
    assert [item[2:] for item in told(came)] == [("b", 2), ("a", 9), ("b", 1), ("a", 10)]


def test_a_batch_goes_by_key() -> None:
    assert [item[0] for item in told([arrival("a", 1, key="z"), arrival("b", 1, key="c")])] == ["c", "z"]
