"""The trade of the food wholesaler: what it offers, its prices, its stock, and every order it ever had."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

CURRENCY = "USD"
ADDRESS = ("ship_name", "ship_address", "ship_city", "ship_region", "ship_postal_code", "ship_country")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of order_details.csv."""

    sku: str
    quantity: int
    unit_price: Decimal
    discount: Decimal

    @property
    def total(self) -> Decimal:
        """Quantity times price less the discount, rounded half up to the cent."""
        return (self.quantity * self.unit_price * (1 - self.discount)).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Order:
    """One row of orders.csv with its lines."""

    number: str
    customer: str
    ordered_on: str
    required_on: str
    carrier: str
    freight: str
    ship_to: dict[str, str]  # by the columns of the file
    lines: tuple[Line, ...]

    @property
    def note(self) -> str:
        """What stays of the freight, which is no line of the order."""
        return f"Freight {self.freight} {CURRENCY}"

    @property
    def total(self) -> Decimal:
        """The sum of its lines."""
        return sum((line.total for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Product:
    """One row of products.csv."""

    sku: str
    name: str
    category: str
    unit: str
    unit_price: Decimal
    left: int  # in stock today, after all orders


class Trade:
    """All records of a folder."""

    def __init__(self, folder: Path) -> None:
        categories = {row["category_id"]: row["category_name"] for row in _rows(folder, "categories")}
        carriers = {row["shipper_id"]: row["company_name"] for row in _rows(folder, "shippers")}
        self.products_file = (folder / "products.csv").read_bytes()
        self.products = [_product(row, categories) for row in _rows(folder, "products")]
        lines: dict[str, list[Line]] = {}
        for row in _rows(folder, "order_details"):
            lines.setdefault(row["order_id"], []).append(_line(row))
        found = [_order(row, carriers, lines[row["order_id"]]) for row in _rows(folder, "orders")]
        self.orders = sorted(found, key=lambda order: (order.ordered_on, order.number))

    @property
    def lines(self) -> int:
        """How many lines all orders have."""
        return sum(len(order.lines) for order in self.orders)

    @property
    def sold(self) -> Counter[str]:
        """How much of each product was ever ordered."""
        found: Counter[str] = Counter()
        for order in self.orders:
            for line in order.lines:
                found[line.sku] += line.quantity
        return found

    def listings_file(self) -> bytes:
        """The products as listings, all of them offered."""
        rows = ((p.sku, p.name, p.category, p.unit, "published") for p in self.products)
        return _file(("product_id", "product_name", "category_name", "quantity_per_unit", "status"), rows)

    def prices_file(self, price_list: str) -> bytes:
        """What the products cost today."""
        rows = ((price_list, p.sku, p.unit_price, CURRENCY) for p in self.products)
        return _file(("list", "sku", "unit_price", "currency"), rows)

    def stock_file(self, warehouse: str) -> bytes:
        """What there must have been at first: all that was sold, and what is left."""
        sold = self.sold
        rows = ((warehouse, p.sku, sold[p.sku] + p.left) for p in self.products)
        return _file(("warehouse", "sku", "quantity"), rows)

    def orders_file(self) -> bytes:
        """Every line of every order, at the price and discount of its day, with the days and the address of its order
        as the records write them."""
        rows = (
            (
                *(order.number, order.customer, line.sku, line.quantity, line.unit_price, CURRENCY, line.discount),
                *(order.ordered_on, order.required_on, order.note, *order.ship_to.values()),
            )
            for order in self.orders
            for line in order.lines
        )
        heading = ("order", "customer", "sku", "quantity", "unit_price", "currency", "discount")
        return _file((*heading, "order_date", "required_date", "note", *ADDRESS), rows)


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _file(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue().encode()


def _product(row: dict[str, str], categories: dict[str, str]) -> Product:
    return Product(
        sku=row["product_id"],
        name=row["product_name"].strip(),
        category=categories[row["category_id"]],
        unit=row["quantity_per_unit"].strip(),
        unit_price=Decimal(row["unit_price"]).quantize(_CENT),
        left=int(row["units_in_stock"]),
    )


def _line(row: dict[str, str]) -> Line:
    return Line(
        sku=row["product_id"],
        quantity=int(row["quantity"]),
        unit_price=Decimal(row["unit_price"]).quantize(_CENT),
        discount=Decimal(row["discount"]),
    )


def _order(row: dict[str, str], carriers: dict[str, str], lines: Sequence[Line]) -> Order:
    return Order(
        number=row["order_id"],
        customer=row["customer_id"],
        ordered_on=row["order_date"],
        required_on=row["required_date"],
        carrier=carriers[row["ship_via"]],
        freight=row["freight"],
        ship_to={name: row[name] for name in ADDRESS},
        lines=tuple(lines),
    )
