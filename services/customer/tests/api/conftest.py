"""Customers to begin with."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from common.testing import Client

_numbers = count(1)


@pytest.fixture
def a_customer(staff: Client) -> Callable[..., dict[str, Any]]:
    """Makes a customer; fields may be given."""

    def make(**fields: Any) -> dict[str, Any]:
        body = {"name": "Harbour Lights", "number": f"T{next(_numbers):05d}"} | fields
        answer = staff.post("/customers", json=body)
        assert answer.status_code == 201, answer.json
        return answer.json

    return make
