"""What an approval rule may speak of, and an order seen as that.

The predicates are of the one rule language of the product, `customer_rules`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from common.errors import FieldError
from common.money import decimals_of
from customer_rules import Field, Fields, Rule, RuleInvalid, When, matches, parse
from ordering.domain.rates import Rates
from ordering.errors.approvals import RuleUnsuitable

Record = Mapping[str, Any]

ROLES: Final = {"buyer": "Buyer", "approver": "Approver", "finance": "Finance", "admin": "Admin"}

FIELDS: Final = Fields(
    [
        Field("total", "Total of the order", "number"),
        Field("currency", "Currency", "text"),
        Field("line_count", "Number of lines", "number"),
        Field("quantity", "Quantity of all lines", "number"),
        Field("ship_to_country", "Country of delivery", "text"),
        Field("requester_roles", "Roles of the requester", "choice", many=True, choices=ROLES),
        Field("line_quantity", "Quantity of a line", "number", path=("quantity",), related="lines"),
        Field("sku", "SKU", "text", related="lines"),
        Field("category", "Category", "text", related="lines"),
        Field("kind", "Kind of listing", "text", related="lines"),
        Field("first_time", "Ordered for the first time", "boolean", related="lines"),
    ]
)


def read_predicate(document: Any, at: str = "/predicate") -> Rule:
    """The predicate that a JSON value says; raises RuleUnsuitable naming what is wrong by its JSON pointer."""
    try:
        return parse(document, FIELDS)
    except RuleInvalid as wrong:
        raise RuleUnsuitable(
            "Correct the parts of the predicate that are named, and send it again.",
            errors=[FieldError(f"{at}{problem.pointer}", problem.detail, problem.code) for problem in wrong.problems],
        ) from wrong


def facts_of(order: Record, lines: Sequence[Record], roles: Collection[str], known_skus: Collection[str]) -> Record:
    """An order as rules see it: plain JSON, so that it can be kept beside the flow. `known_skus` are those that the
    customer has ordered before."""
    ship_to = order.get("ship_to") or {}
    return {
        "total_minor": order["total_minor"],
        "currency": order["currency"],
        "line_count": len(lines),
        "quantity": sum(line["quantity"] for line in lines),
        "ship_to_country": ship_to.get("country"),
        "requester_roles": sorted(roles),
        "lines": [
            {
                "sku": line["sku"],
                "quantity": line["quantity"],
                "category": line.get("category"),
                "kind": line.get("kind"),
                "first_time": line["sku"] not in known_skus,
            }
            for line in lines
        ],
    }


def asks(rule: Record, facts: Record, rates: Rates, now: datetime) -> str | None:
    """Why a rule asks for an approval of an order: `rule`, or `no_rate` where its amount is in a currency to which no
    fresh rate leads; None where it does not."""
    predicate = read_predicate(rule["predicate"])
    record = {**facts, "total": None}
    if "total" in predicate.field_names:
        total = rates.converted(facts["total_minor"], facts["currency"], rule["currency"])
        if total is None:
            # Raw numbers of two currencies are never compared, and what cannot be compared is shown to a person.
            return "no_rate"
        record["total"] = Decimal(total.minor).scaleb(-decimals_of(rule["currency"]))
    return "rule" if matches(predicate, record, When(now)) else None
