"""What a customer reads of goods that come later than promised, and that supplies are nobody's but the provider's."""

import json
from typing import Any

import pytest

from common.contracts import Contracts
from common.envelope import Event, from_document
from overview.domain.nouns import noun_of
from overview.domain.timeline import entry
from overview.settings import Settings

CONTRACTS = Contracts(Settings().contracts_dir)


def example(event_type: str, **data: Any) -> Event:
    document = json.loads((CONTRACTS.event_folder(event_type) / "examples" / "usual.json").read_text())
    document["data"] |= data
    return from_document(document)


@pytest.mark.parametrize(
    ("event_type", "data", "text"),
    [
        (
            "warehouse.preorder.date_changed.v1",
            {},
            "Comes later than promised: on 20 March 2031 instead of 1 March 2031.",
        ),
        (
            "warehouse.preorder.date_changed.v1",
            {"after": "2031-02-03"},
            "Comes earlier than promised: on 3 February 2031 instead of 1 March 2031.",
        ),
        (
            "ordering.date_decision.asked.v1",
            {},
            "Accept 20 March 2031 instead of 1 March 2031, or cancel. Without an answer the order stays.",
        ),
        ("ordering.date_decision.made.v1", {}, "20 March 2031 was accepted."),
        (
            "ordering.date_decision.made.v1",
            {"decision": "cancelled"},
            "Cancelled, because it comes on 20 March 2031 only.",
        ),
    ],
)
def test_a_customer_reads_in_plain_words_what_becomes_of_a_promised_day(
    event_type: str, data: dict[str, Any], text: str
) -> None:
    found = entry(example(event_type, **data), noun_of(event_type))
    assert (found.visibility, found.body["text"]) == ("portal", text)
    assert found.body["subject"]["label"] == "Wireless headset, order O-000214"
    assert found.portal_body is None or found.portal_body["text"] == text


@pytest.mark.parametrize("verb", ["expected", "updated", "received", "cancelled"])
def test_a_supply_is_on_no_customer_s_timeline(verb: str) -> None:
    event_type = f"warehouse.supply.{verb}.v1"
    found = entry(example(event_type), noun_of(event_type))
    assert (found.visibility, found.body["customer_id"]) == ("internal", None)
