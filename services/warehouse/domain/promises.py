"""What orders are promised of stock: soft reservations, firm allocations, and the queue of what waits.

Everything here changes plain objects in memory, under locks that the caller holds on their articles. A promise only
grows within what is available, and taking one back never fails.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from warehouse.domain.supplies import Inbound

ACTIVE: Final = "active"
ALLOCATED: Final = "allocated"
RELEASED: Final = "released"
EXPIRED: Final = "expired"
CONSUMED: Final = "consumed"
STATES: Final = (ACTIVE, ALLOCATED, RELEASED, EXPIRED, CONSUMED)


@dataclass(slots=True)
class Balance:
    """The stock of one article and owner in one warehouse. `customer_id` is whose dedicated warehouse it is;
    `open` whether goods are promised from there; `rank` in which order, the lowest first."""

    id: str
    warehouse_id: str
    sku: str
    on_hand: int = 0
    reserved: int = 0
    allocated: int = 0
    safety_stock: int = 0
    owner_id: str | None = None
    customer_id: str | None = None
    open: bool = True
    rank: tuple[Any, ...] = ()
    average_cost_minor: Decimal | None = None
    currency: str | None = None
    version: int = 1

    @property
    def free(self) -> int:
        """On hand less everything promised and the safety stock; below zero after goods were found missing."""
        return self.on_hand - self.reserved - self.allocated - self.safety_stock

    @property
    def available(self) -> int:
        """How much may be promised now."""
        return max(0, self.free)


@dataclass(slots=True)
class Source:
    """What a line has from one balance; `planned` is the part of `allocated` that shipments have taken up."""

    warehouse_id: str
    reserved: int = 0
    allocated: int = 0
    shipped: int = 0
    planned: int = 0


@dataclass(slots=True)
class Line:
    """A line of goods of an order; `quantity` is what the order wants now, `sources` are by balance. What is ordered
    ahead (`preorder`) waits for a supply that is named for it; `dates` counts the days that were promised."""

    id: str
    position: int
    sku: str
    name: str
    quantity: int
    backorder_allowed: bool = False
    promised_on: str | None = None
    backordered: int = 0
    queue_position: int | None = None
    shipped: int = 0
    preorder: bool = False
    listing_id: str | None = None
    dates: int = 0
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def reserved(self) -> int:
        return sum(source.reserved for source in self.sources.values())

    @property
    def allocated(self) -> int:
        return sum(source.allocated for source in self.sources.values())

    @property
    def short(self) -> int:
        """What nobody promises."""
        return max(0, self.quantity - self.shipped - self.backordered - self.reserved - self.allocated)


@dataclass(slots=True)
class Reservation:
    """All that one order is promised. `order_version` is the newest version of the order that is taken into account;
    once it has `ended`, nothing is promised again."""

    order_id: str
    customer_id: str
    order_number: str | None = None
    order_version: int = 0
    state: str = ACTIVE
    ended: bool = False
    held: bool = False
    ship_policy: str = "ship_partial"
    ship_to: Mapping[str, Any] | None = None
    expires_at: Any = None
    version: int = 0
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def in_order(self) -> list[Line]:
        """The lines by their position."""
        return sorted(self.lines.values(), key=lambda line: (line.position, line.id))

    @property
    def content(self) -> tuple[Any, ...]:
        """What tells whether anything that others care about has changed."""
        return (
            self.state,
            tuple(
                (
                    *(line.id, line.quantity, line.backordered, line.shipped, line.promised_on),
                    *((balance, one.reserved, one.allocated, one.shipped) for balance, one in line.sources.items()),
                )
                for line in self.in_order
            ),
        )

    @property
    def is_open(self) -> bool:
        """Whether anything is promised that has not left."""
        return any(line.backordered or line.reserved or line.allocated for line in self.lines.values())


class Stock:
    """The balances that a transaction holds locked."""

    def __init__(self, balances: Iterable[Balance] = ()) -> None:
        self.balances: dict[str, Balance] = {}
        self._by_sku: dict[str, list[Balance]] = {}
        self.freed: set[str] = set()  # articles of which something became available
        self.inbound = Inbound()
        for balance in balances:
            self.add(balance)

    def add(self, balance: Balance) -> None:
        """Takes in one more balance."""
        if balance.id not in self.balances:
            self.balances[balance.id] = balance
            self._by_sku.setdefault(balance.sku, []).append(balance)

    def of(self, sku: str) -> list[Balance]:
        """All balances of an article."""
        return self._by_sku.get(sku, [])

    def candidates(self, sku: str, customer_id: str, *, dedicated: bool) -> list[Balance]:
        """From where goods may be promised to a customer, in this order: its dedicated warehouse, if that is switched
        on, then the provider's by priority. Goods of another owner are never anybody else's."""

        def allowed(balance: Balance) -> bool:
            if not balance.open or not balance.available:
                return False
            if balance.customer_id is None:
                return balance.owner_id is None
            return dedicated and balance.customer_id == customer_id and balance.owner_id in {None, customer_id}

        return sorted(
            (balance for balance in self.of(sku) if allowed(balance)),
            key=lambda one: (one.customer_id is None, *one.rank, one.owner_id is None, one.id),
        )

    def reserve(self, line: Line, balance: Balance, quantity: int) -> None:
        """Promises softly."""
        balance.reserved += quantity
        self._source(line, balance).reserved += quantity

    def allocate(self, line: Line, balance: Balance, quantity: int) -> None:
        """Promises firmly."""
        balance.allocated += quantity
        self._source(line, balance).allocated += quantity

    def give_back(self, line: Line, balance_id: str, *, reserved: int = 0, allocated: int = 0) -> None:
        """Takes a promise back; never fails, whatever the balance says."""
        source = line.sources[balance_id]
        source.reserved -= reserved
        source.allocated -= allocated
        balance = self.balances[balance_id]
        balance.reserved = max(0, balance.reserved - reserved)
        balance.allocated = max(0, balance.allocated - allocated)
        if reserved or allocated:
            self.freed.add(balance.sku)

    def wait(self, line: Line, change: int) -> None:
        """Changes how much of a line waits for more."""
        line.backordered += change
        self.inbound.wait(line.sku, change, preorder=line.preorder)

    @staticmethod
    def _source(line: Line, balance: Balance) -> Source:
        return line.sources.setdefault(balance.id, Source(balance.warehouse_id))


def supply(reservation: Reservation, stock: Stock, *, firm: bool, dedicated: bool) -> None:
    """Promises what the lines are short of, as far as it is available. Lines of one article count as one demand: first
    one warehouse that has everything, then for each article one that has all of it, then a split in their order."""
    lines = [line for line in reservation.in_order if line.short]
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.sku] += line.short
    found = {sku: stock.candidates(sku, reservation.customer_id, dedicated=dedicated) for sku in wanted}
    whole = _covering(wanted, found)
    for sku, needed in wanted.items():
        one = whole or _covering({sku: needed}, found)
        balances = [balance for balance in found[sku] if one in {None, balance.warehouse_id}]
        _spread([line for line in lines if line.sku == sku], balances, stock, firm=firm)


def _covering(wanted: Mapping[str, int], found: Mapping[str, Sequence[Balance]]) -> str | None:
    """The first warehouse that alone has all that is wanted."""
    there: dict[str, Counter[str]] = {}
    for sku in wanted:
        for balance in found[sku]:
            there.setdefault(balance.warehouse_id, Counter())[sku] += balance.available
    for warehouse_id, has in there.items():
        if all(has[sku] >= needed for sku, needed in wanted.items()):
            return warehouse_id
    return None


def _spread(lines: Sequence[Line], balances: Sequence[Balance], stock: Stock, *, firm: bool) -> None:
    promise = stock.allocate if firm else stock.reserve
    for line in lines:
        for balance in balances:
            quantity = min(line.short, balance.available)
            if quantity:
                promise(line, balance, quantity)


def harden(reservation: Reservation, stock: Stock) -> None:
    """Turns soft reservations into allocations, as far as the goods are still there; what is not is taken back, to be
    found elsewhere."""
    for line in reservation.in_order:
        for balance_id, source in line.sources.items():
            if not source.reserved:
                continue
            balance = stock.balances[balance_id]
            kept = min(source.reserved, max(0, balance.on_hand - balance.allocated))
            balance.reserved -= kept
            source.reserved -= kept
            stock.allocate(line, balance, kept)
            stock.give_back(line, balance_id, reserved=source.reserved)


def queue_up(reservation: Reservation, stock: Stock, positions: Iterator[int]) -> None:
    """Lets lines that may wait do so for what they are short of. A line keeps the place that it has."""
    for line in reservation.in_order:
        if line.backorder_allowed and line.short:
            _queue(line, line.short, stock, positions)


def order_ahead(reservation: Reservation, stock: Stock, positions: Iterator[int]) -> None:
    """Lets pre-orders wait for the supply that is named for them, as far as earlier ones have left of it. They stand in
    the same queue as everybody else, from the moment at which they were placed."""
    for line in reservation.in_order:
        quantity = min(line.short, stock.inbound.left(line.sku)) if line.preorder else 0
        if quantity:
            _queue(line, quantity, stock, positions)


def _queue(line: Line, quantity: int, stock: Stock, positions: Iterator[int]) -> None:
    if line.queue_position is None:
        line.queue_position = next(positions)
    stock.wait(line, quantity)


def fill(waiting: Iterable[tuple[Reservation, Line]], stock: Stock, dedicated: Mapping[str, bool]) -> set[str]:
    """Gives what is available to the lines that wait, the one that waits longest first; a large one takes what there is
    and keeps its place. What nobody has confirmed gets it softly. Returns the orders that got something."""
    served: set[str] = set()
    for reservation, line in sorted(waiting, key=lambda pair: pair[1].queue_position or 0):
        customer_id = reservation.customer_id
        promise = stock.reserve if reservation.state == ACTIVE else stock.allocate
        for balance in stock.candidates(line.sku, customer_id, dedicated=dedicated.get(customer_id, False)):
            quantity = min(line.backordered, balance.available)
            if quantity:
                stock.wait(line, -quantity)
                promise(line, balance, quantity)
                served.add(reservation.order_id)
        if not line.backordered:
            line.queue_position = None
    return served


def free(line: Line, stock: Stock) -> None:
    """Takes back everything of a line that has not left."""
    stock.wait(line, -line.backordered)
    line.queue_position = None
    for balance_id, source in line.sources.items():
        stock.give_back(line, balance_id, reserved=source.reserved, allocated=source.allocated)
        source.planned = 0


def shrink(line: Line, quantity: int, stock: Stock) -> bool:
    """Sets what is wanted of a line, and takes back what is then too much: first what waits, then soft reservations,
    then allocations. Returns False where planned shipments hold so much that they have to go first; nothing is changed
    then."""
    kept = line.shipped + sum(source.planned for source in line.sources.values())
    if quantity < kept and kept > line.shipped:
        return False
    line.quantity = quantity
    excess = line.shipped + line.backordered + line.reserved + line.allocated - quantity
    waiting = min(max(0, excess), line.backordered)
    stock.wait(line, -waiting)
    excess -= waiting
    if not line.backordered:
        line.queue_position = None
    for balance_id, source in reversed(list(line.sources.items())):
        reserved = min(max(0, excess), source.reserved)
        allocated = min(max(0, excess - reserved), source.allocated - source.planned)
        stock.give_back(line, balance_id, reserved=reserved, allocated=allocated)
        excess -= reserved + allocated
    return True
