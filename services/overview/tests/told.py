"""Events of other services as their owners' examples show them."""

import json
from typing import Any

from common.contracts import Contracts
from common.envelope import Event, from_document
from common.ids import new_id
from common.settings import Settings

CONTRACTS = Contracts(Settings().contracts_dir)


def told(event_type: str, customer: str, subject: str, version: int, **state: Any) -> Event:
    """An event as its owner's example shows it, about a customer of the test."""
    example = CONTRACTS.event_folder(event_type) / "examples" / "usual.json"
    made = from_document(json.loads(example.read_text()))
    names = {name: getattr(made, name) for name in made.__slots__}
    data = {**made.data, "id": subject, "customer_id": customer, **state}
    place = {"customer_id": customer, "partition_key": customer, "subject": subject}
    return Event(**names | place | {"id": new_id(), "version": version, "data": data})
