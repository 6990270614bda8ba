"""What an order asks of approvals and purchase limits on its way."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

Row = Mapping[str, Any]


def reserve(session: Session, order: Row, lines: Sequence[Row]) -> Sequence[Any]:
    """The verdicts of the purchase limits about an order."""
    return ()


def commit(session: Session, order_id: str) -> None:
    """What was reserved is spent."""


def release(session: Session, order_id: str) -> None:
    """What was reserved is free again."""


def give_back(session: Session, order_id: str, minor: int) -> None:
    """A part of what was spent is free again."""


def open_flow(session: Session, order: Row, lines: Sequence[Row]) -> Any:
    """The approval that an order needs; None where it needs none."""
    return None


def cancel_flow(session: Session, order_id: str) -> None:
    """Nobody needs to decide about the order any more."""
