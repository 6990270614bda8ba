"""The life of an entry."""

import pytest

from automation.domain import CLOSED, OPEN, closed
from automation.errors import AlreadyClosed


def test_an_open_entry_can_be_closed() -> None:
    assert closed(OPEN) == CLOSED


def test_a_closed_entry_stays_closed() -> None:
    with pytest.raises(AlreadyClosed):
        closed(CLOSED)
