"""What this service publishes fits its schema, and it reads every example of what it consumes."""

import json
from typing import Any

import pytest

from common.envelope import from_document
from common.service import Service
from common.testing import deliver
from ordering.consumers import HANDLERS
from ordering.tests.told import CONTRACTS

pytestmark = pytest.mark.postgres


def consumed() -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=f"{event_type}-{path.stem}")
        for event_type in sorted(HANDLERS)
        for path in sorted((CONTRACTS.event_folder(event_type) / "examples").glob("*.json"))
    ]


@pytest.mark.parametrize("document", consumed())
def test_every_example_of_the_producers_is_handled(service: Service, document: dict[str, Any]) -> None:
    deliver(service, from_document(document))
