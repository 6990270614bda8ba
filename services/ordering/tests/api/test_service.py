"""The service as its callers meet it."""

import pytest

from common.testing import Client

pytestmark = pytest.mark.postgres


def test_it_is_ready_while_its_database_answers(staff: Client) -> None:
    assert staff.get("/readyz").status_code == 200
