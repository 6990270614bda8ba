"""What a customer sells: its own people make listings, price them, and say to whom they are offered.

Listings and rules are written in the seller's own scope, so that the database refuses whatever is not its own.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common.errors import FieldError
from customer_replica import customer_line, effective_switches
from ordering.domain.selling import TARGET_KINDS, check_fields, sku_of
from ordering.errors import CustomerUnknown
from ordering.errors.orders import InternalInventoryDisabled
from ordering.errors.selling import ProviderDecides
from ordering.queries.viewpoint import SELLING
from ordering.use_cases import catalogue, listings

Body = Mapping[str, Any]


def check_selling(session: Session, seller_id: str) -> None:
    """Raises InternalInventoryDisabled where a customer may not sell, and CustomerUnknown."""
    switches = effective_switches(session, [seller_id]).get(seller_id)
    if switches is None:
        raise CustomerUnknown("There is no such customer.")
    if not switches[SELLING].active:
        raise InternalInventoryDisabled(
            "Internal inventory is switched off for this customer, which sells nothing until it is on; ask your contact"
            " at the provider."
        )


def create_listing(session: Session, seller_id: str, body: Body) -> str:
    """Makes a draft of a listing of a customer, offered to its tree unless something else is said; returns its id.
    Raises what `check_selling` and `listings.create_listing` raise, and ProviderDecides."""
    check_selling(session, seller_id)
    check_fields(body)
    number = customer_line(session, seller_id)[0]["number"]
    own = {"audience": "tree", **body, "owner_id": seller_id, "sku": sku_of(number, body["sku"])}
    return listings.create_listing(session, own)


def change_listing(session: Session, seller_id: str, listing_id: str, version: int, body: Body) -> None:
    """Changes fields of a listing of a customer; raises as `create_listing` does."""
    check_selling(session, seller_id)
    check_fields(body)
    listings.change_listing(session, listing_id, version, body)


def move_listing(session: Session, seller_id: str, listing_id: str, version: int, verb: str) -> None:
    """Publishes, pauses or retires a listing of a customer."""
    check_selling(session, seller_id)
    listings.move_listing(session, listing_id, version, verb)


def add_rule(session: Session, seller_id: str, body: Body) -> str:
    """Offers a listing of a customer to another one with its branches or to a group, or keeps it from them; returns
    the id of the rule. Raises ProviderDecides of other rules, and what `catalogue.add_rule` raises."""
    check_selling(session, seller_id)
    if body.get("category") is not None or body["target_kind"] not in TARGET_KINDS:
        raise ProviderDecides(
            "You decide which customers and groups are offered what you sell; other rules are the provider's.",
            errors=[FieldError("/target_kind", f"Choose {' or '.join(TARGET_KINDS)}, and a listing of your own.")],
        )
    return catalogue.add_rule(session, body, seller_id=seller_id)


def remove_rule(session: Session, seller_id: str, rule_id: str) -> None:
    """Takes back what a customer has said about what it sells."""
    check_selling(session, seller_id)
    catalogue.remove_rule(session, rule_id)
