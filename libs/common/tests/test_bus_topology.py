"""Names and bindings that every process derives alike from the contracts."""

from pathlib import Path

import orjson
import pytest

from common.beat import BEAT
from common.bus.port import BEATS
from common.bus.topology import bindings, consumers, queue, with_generation
from common.contracts import Contracts
from common.envelope import SHARDS
from common.locks import lock_class


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    for event_type, readers in (("a.b.made.v1", ["x", "y"]), ("a.b.ended.v1", ["x"]), (BEAT, ["y"])):
        name, _, major = event_type.rpartition(".")
        folder = tmp_path / "events" / name / major
        (folder / "consumers").mkdir(parents=True)
        (folder / "schema.json").write_bytes(orjson.dumps({"type": "object"}))
        for reader in readers:
            (folder / "consumers" / f"{reader}.json").write_bytes(b"{}")
    return Contracts(tmp_path)


def test_consumers_and_what_they_read_come_from_the_contracts(contracts: Contracts) -> None:
    assert consumers(contracts) == {"x": ("a.b.ended.v1", "a.b.made.v1"), "y": ("a.b.made.v1", BEAT)}


def test_a_generation_reads_what_its_service_reads(contracts: Contracts) -> None:
    known = with_generation(consumers(contracts), "x@2")
    assert known["x@2"] == known["x"]
    assert with_generation(consumers(contracts), "x") == consumers(contracts)


def test_a_service_that_reads_nothing_gets_no_queues(contracts: Contracts) -> None:
    assert with_generation(consumers(contracts), "writes-only") == consumers(contracts)


def test_each_shard_has_a_queue_bound_for_each_type() -> None:
    pairs = bindings("x", ("a.b.made.v1", "a.b.ended.v1"))
    assert len(pairs) == SHARDS * 2
    assert ("x.s3", "a.b.made.v1.s3") in pairs


def test_heartbeats_have_a_queue_beside_the_shards() -> None:
    assert bindings("y", (BEAT,)) == [("y.beats", f"{BEAT}.s{BEATS}")]
    assert queue("y", BEATS) == "y.beats"


def test_lock_numbers_fit_postgresql_and_differ_by_purpose() -> None:
    numbers = [lock_class(purpose) for purpose in ("relay", "shards:x", "shards:x@2")]
    assert len(set(numbers)) == 3
    assert all(-(2**31) <= number < 2**31 for number in numbers)
