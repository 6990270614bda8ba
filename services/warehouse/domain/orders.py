"""What an order's news means for what it is promised: the warehouse's side of the saga.

News carry the whole order, and only newer ones count, so that they may arrive twice and in any order. An order that has
ended leaves its row behind: what is older and arrives later promises nothing again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from warehouse.domain.promises import (
    ACTIVE,
    ALLOCATED,
    CONSUMED,
    EXPIRED,
    RELEASED,
    Line,
    Reservation,
    Stock,
    free,
    harden,
    order_ahead,
    queue_up,
    shrink,
    supply,
)
from warehouse.domain.supplies import day_for

# What ordering waits for an answer to, even where nothing changes by it; besides, an order says which version asked.
_ASKS: Final = frozenset({"placed", "confirmed", "rejected", "cancelling", "cancelled", "expired"})
_ENDS: Final = frozenset({"rejected", "cancelling", "cancelled", "expired", "completed"})
_PENDING: Final = frozenset({"pending_approval", "pending_confirmation"})
_CONFIRMED: Final = "confirmed"
_CANCELLING: Final = "cancelling"
_WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class News:
    """An order as ordering tells of it; `lines` are those of goods. `asked_version` is the version that last asked for
    an answer, and with `keep_planned` nothing is given up that a planned shipment holds."""

    order_id: str
    customer_id: str
    version: int
    verb: str
    status: str
    number: str | None
    held: bool
    ship_policy: str
    ship_to: Mapping[str, Any] | None
    lines: tuple[Mapping[str, Any], ...]
    asked_version: int = 0
    keep_planned: bool = False

    @property
    def ends(self) -> bool:
        """Whether the order wants nothing more."""
        return self.verb in _ENDS or self.status in _ENDS

    @property
    def matters(self) -> bool:
        """Whether there is anything to do; drafts promise nothing, and one that was an order before no longer."""
        return self.ends or self.verb == _WITHDRAWN or self.status in _PENDING or self.status == _CONFIRMED

    def asks(self, seen: int) -> bool:
        """Whether ordering waits for an answer, where what was `seen` last is this version of the order."""
        return self.verb in _ASKS or self.status == _CANCELLING or self.asked_version > seen

    @property
    def skus(self) -> set[str]:
        return {line["sku"] for line in self.lines}


def news_of(verb: str, version: int, data: Mapping[str, Any]) -> News:
    """The news in an event of ordering."""
    return News(
        order_id=data["id"],
        customer_id=data["customer_id"],
        version=version,
        verb=verb,
        status=data["status"],
        number=data["number"],
        held=bool(data["hold_reasons"]),
        ship_policy=data["ship_policy"],
        ship_to=data["ship_to"],
        lines=tuple(line for line in data["lines"] if line["kind"] == "stock"),
        asked_version=data.get("asked_version") or 0,
        keep_planned=data.get("keep_planned", False),
    )


@dataclass(slots=True)
class Work:
    """What following a piece of news needs besides it: the stock, whether the customer's own warehouse serves it, which
    day it is, when soft reservations end, and the places in the queue. `unplanned` collects orders whose planned
    shipments are off."""

    stock: Stock
    dedicated: bool
    today: str
    expires_at: Any
    positions: Iterator[int]
    unplanned: set[str]


def follow(reservation: Reservation, news: News, work: Work) -> str | None:
    """Brings what is promised in line with an order. Returns the verb of the event that tells of it, or None where
    there is nothing new to tell."""
    if news.version <= reservation.order_version:
        return None
    first, asked = reservation.version == 0, news.asks(reservation.order_version)
    reservation.order_version, reservation.order_number = news.version, news.number
    # What was confirmed once and waits for a decision again keeps its goods, and sends nothing until that is made.
    reservation.held = news.held or (news.status in _PENDING and reservation.state in {ALLOCATED, CONSUMED})
    reservation.ship_policy, reservation.ship_to = news.ship_policy, news.ship_to
    if reservation.ended:
        return None
    before = reservation.content
    if news.ends:
        verb = _end(reservation, news, work)
    elif news.verb == _WITHDRAWN:
        verb = _withdraw(reservation, news, work)
    else:
        verb = _promise(reservation, news, work, asked=asked)
    return verb if first or asked or reservation.content != before else None


def _end(reservation: Reservation, news: News, work: Work) -> str:
    _take_lines(reservation, news)
    if any(source.planned for line in reservation.lines.values() for source in line.sources.values()):
        work.unplanned.add(reservation.order_id)
    was_consumed = reservation.state == CONSUMED
    for line in reservation.lines.values():
        free(line, work.stock)
        line.quantity = line.shipped
    reservation.ended, reservation.expires_at = True, None
    reservation.state = CONSUMED if was_consumed else RELEASED
    return "released"


def _withdraw(reservation: Reservation, news: News, work: Work) -> str:
    """The order is a draft again: it wants nothing until it is placed again."""
    _take_lines(reservation, news)
    for line in reservation.lines.values():
        free(line, work.stock)
        line.quantity = line.shipped
    reservation.state, reservation.expires_at = RELEASED, None
    return "released"


def _promise(reservation: Reservation, news: News, work: Work, *, asked: bool) -> str:
    _take_lines(reservation, news)
    _set_quantities(reservation, news, work)
    waited = {line.id: line.backordered for line in reservation.lines.values()}
    verb = _promise_anew(reservation, news, work, asked=asked)
    for line in reservation.lines.values():
        if line.backordered > waited[line.id]:
            _date(reservation, line, work)
    return verb


def _promise_anew(reservation: Reservation, news: News, work: Work, *, asked: bool) -> str:
    if news.status != _CONFIRMED:
        # A confirmed order that waits for a decision again keeps what it has, and gets more when it is confirmed again.
        if reservation.state in {ALLOCATED, CONSUMED}:
            return "allocated"
        # What ordering says next may be no more than that it has heard of the end; a question reserves anew.
        if reservation.state == EXPIRED and not asked:
            return "expired"
        order_ahead(reservation, work.stock, work.positions)
        supply(reservation, work.stock, firm=False, dedicated=work.dedicated)
        reservation.state, reservation.expires_at = ACTIVE, work.expires_at
        return "made"
    harden(reservation, work.stock)
    order_ahead(reservation, work.stock, work.positions)
    supply(reservation, work.stock, firm=True, dedicated=work.dedicated)
    queue_up(reservation, work.stock, work.positions)
    reservation.expires_at = None
    reservation.state = state_of(reservation)
    return "allocated"


def state_of(reservation: Reservation) -> str:
    """The state of a confirmed order's reservation: consumed when all that it wants has left."""
    wanted = any(line.quantity > line.shipped for line in reservation.lines.values())
    left = any(line.shipped for line in reservation.lines.values())
    return CONSUMED if left and not wanted else ALLOCATED


def expire(reservation: Reservation, stock: Stock) -> str:
    """Takes back what was promised softly; the order may still be confirmed, and is then supplied anew."""
    for line in reservation.lines.values():
        free(line, stock)
    reservation.state, reservation.expires_at = EXPIRED, None
    return "expired"


def _take_lines(reservation: Reservation, news: News) -> None:
    """Takes in the lines that are new, and what may change of the others besides their quantity."""
    for entry in news.lines:
        line = reservation.lines.get(entry["id"])
        if line is None:
            line = Line(entry["id"], entry["position"], entry["sku"], entry["name"], 0)
            # Later it says no more than what was promised here.
            line.promised_on = entry["promised_on"]
            reservation.lines[line.id] = line
        line.position, line.name, line.listing_id = entry["position"], entry["name"], entry.get("listing_id")
        if not line.backordered:
            line.preorder = entry["supply_mode"] == "preorder"
        line.backorder_allowed = entry["backorder_allowed"] and not line.preorder


def _date(reservation: Reservation, line: Line, work: Work) -> None:
    """Promises a day to a line that begins to wait, or for more, at the end of the queue."""
    inbound = work.stock.inbound
    line.promised_on = day_for(
        inbound.articles.get(line.listing_id or ""),
        preorder=line.preorder,
        covered_on=inbound.day_at_the_end(line.sku, reservation.customer_id),
        promised_on=line.promised_on,
        today=work.today,
    )


def _set_quantities(reservation: Reservation, news: News, work: Work) -> None:
    wanted = {
        entry["id"]: entry["quantity"] - entry["quantity_cancelled"] - entry.get("quantity_cancelling", 0)
        for entry in news.lines
    }
    for line in reservation.in_order:
        planned = sum(source.planned for source in line.sources.values()) if news.keep_planned else 0
        quantity = max(wanted.get(line.id, 0), line.shipped + planned)
        if not shrink(line, quantity, work.stock):
            # What is planned cannot be sent as planned; it stays allocated, and is planned anew.
            work.unplanned.add(reservation.order_id)
            for other in reservation.lines.values():
                for source in other.sources.values():
                    source.planned = 0
            shrink(line, quantity, work.stock)
