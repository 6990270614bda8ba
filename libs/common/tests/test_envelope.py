"""What is encoded is read back the same, and what is no event is told from what is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.envelope import SHARDS, Event, Undecodable, decode, encode, shard_of, to_document
from common.ids import new_id
from common.testing.events import event


@given(
    st.dictionaries(st.text(), st.none() | st.booleans() | st.text() | st.integers(-(2**53), 2**53), max_size=5),
    st.integers(0, 5),
)
def test_an_event_survives_the_journey(data: dict[str, object], depth: int) -> None:
    sent = event("sample.thing.made.v1", new_id(), data, customer_id=new_id(), chain_depth=depth)
    assert decode(encode(sent)) == sent


def test_the_document_is_a_cloudevent() -> None:
    document = to_document(event("sample.thing.made.v1", "s", {"a": 1}))
    assert document["specversion"] == "1.0"
    assert document["dataschema"] == "urn:atrium:events:sample.thing.made:v1"
    # CloudEvents attribute names are lower-case letters and digits (section 3, naming conventions).
    assert all(name.isalnum() and name == name.lower() for name in document)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\x00",
        b"null",
        b"[]",
        b"{}",
        b'{"specversion":"0.3"}',
        b'{"specversion":"1.0","id":"x"}',
        b'{"specversion":"1.0","id":1,"type":"t","source":"s","subject":"s","time":"t","aggregateversion":1,'
        b'"partitionkey":"p","data":{}}',
        b'{"specversion":"1.0","id":"x","type":"t","source":"s","subject":"s","time":"t","aggregateversion":1,'
        b'"partitionkey":"p","data":[]}',
    ],
)
def test_what_is_no_event_is_undecodable(body: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(body)


def test_the_shard_of_a_key_never_changes() -> None:
    assert [shard_of(key) for key in ("", "a", "b", "01890a5d-ac96-774b-bcce-b302099a8057")] == [0, 3, 1, 5]
    assert {shard_of(str(number)) for number in range(1000)} == set(range(SHARDS))


def test_events_of_one_customer_share_a_shard() -> None:
    customer = new_id()
    kinds = [event(f"sample.{noun}.made.v1", new_id(), {}, customer_id=customer) for noun in ("thing", "part")]
    assert len({one.shard for one in kinds}) == 1
    assert isinstance(kinds[0], Event)
