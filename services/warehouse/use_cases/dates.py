"""The days that are promised to what waits: each is kept, and told where it moves."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from common import outbox
from warehouse.domain.promises import Line, Reservation
from warehouse.domain.supplies import Inbound, day_for
from warehouse.events.preorders import date_changed


class Days:
    """The days that a transaction promises. `cause` tells why one is another than before: `order`, `supply` or
    `listing`; `rows` are to be added to the history."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._was: dict[str, str | None] = {}
        self.cause = "order"
        self.rows: list[dict[str, Any]] = []

    def know(self, line: Line) -> None:
        """Takes in what was promised to a line before."""
        self._was[line.id] = line.promised_on

    def anew(self, sku: str, orders: Iterable[Reservation], inbound: Inbound, today: str) -> set[str]:
        """Dates the whole queue of an article; returns the orders of which a day has changed."""
        queue = [
            (line.queue_position or 0, order, line)
            for order in orders
            for line in order.lines.values()
            if line.sku == sku and line.backordered
        ]
        arrivals, moved = inbound.queue(sku), set()
        for _, order, line in sorted(queue, key=lambda one: one[0]):
            day = day_for(
                inbound.articles.get(line.listing_id or ""),
                preorder=line.preorder,
                covered_on=arrivals.take(order.customer_id, line.backordered),
                promised_on=line.promised_on,
                today=today,
            )
            if day != line.promised_on:
                line.promised_on = day
                moved.add(order.order_id)
        return moved

    def tell(self, reservation: Reservation) -> None:
        """Notes the days of an order that are others now. The first one is told by the reservation alone; where that of
        a pre-order moves later on, an event of its own tells it."""
        for line in reservation.in_order:
            before = self._was.get(line.id)
            self._was[line.id] = line.promised_on
            first = not line.dates and line.backordered and line.promised_on
            if not first and not (line.dates and line.promised_on != before):
                continue
            line.dates += 1
            self.rows.append(self._row(reservation, line, before if line.dates > 1 else None))
            if line.preorder and line.dates > 1 and before and line.promised_on:
                outbox.add(self._session, date_changed(reservation, line, before, self.cause))

    def _row(self, order: Reservation, line: Line, before: str | None) -> dict[str, Any]:
        return {
            "line_id": line.id,
            "number": line.dates,
            "order_id": order.order_id,
            "customer_id": order.customer_id,
            "sku": line.sku,
            "before": before,
            "after": line.promised_on,
            "cause": self.cause,
        }
