"""The rules of catalogues: made and removed, never changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer_replica import customer_line
from ordering.errors import CustomerUnknown
from ordering.errors.contracts import ContractNotFound
from ordering.errors.listings import (
    CatalogueRuleNotFound,
    CatalogueRuleTaken,
    CatalogueRuleUnsuitable,
    ListingNotFound,
)
from ordering.events import catalogue as events
from ordering.tables.contracts import contracts
from ordering.tables.listings import catalogue_rules, listings
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.store import Record


def add_rule(session: Session, body: Mapping[str, Any], *, seller_id: str | None = None) -> str:
    """Adds a rule, of the seller of the listing where one is named, and returns its id; raises CatalogueRuleUnsuitable,
    CatalogueRuleTaken, and ListingNotFound, CustomerUnknown or ContractNotFound for what it names."""
    record: Record = {name: body.get(name) for name in ("listing_id", "category", "target_id", "role", "note")}
    record |= {"effect": body["effect"], "target_kind": body["target_kind"], "seller_id": seller_id}
    _check(record)
    if record["listing_id"] and store.find(session, listings, record["listing_id"]) is None:
        raise ListingNotFound("There is no such listing.", errors=[FieldError("/listing_id", "Is unknown.")])
    _check_target(session, record)
    record |= {"id": new_id(), "version": 1, "created_at": store.moment(session)}
    if not store.insert_free(session, catalogue_rules, [record]):
        raise CatalogueRuleTaken("There is a rule for the same things and the same target; remove that one first.")
    outbox.add(session, events.catalogue_rule("added", record))
    return str(record["id"])


def remove_rule(session: Session, rule_id: str) -> None:
    """Removes a rule; raises CatalogueRuleNotFound."""
    record = store.find(session, catalogue_rules, rule_id, lock=True)
    if record is None:
        raise CatalogueRuleNotFound("There is no such rule.")
    store.remove(session, catalogue_rules, rule_id)
    outbox.add(session, events.catalogue_rule("removed", record | {"version": record["version"] + 1}))


def _check_target(session: Session, record: Record) -> None:
    # Groups and segments are kept elsewhere, and a seller names customers that it does not see.
    kind, target_id = record["target_kind"], record["target_id"]
    with as_service(session):
        if kind == "customer" and not customer_line(session, target_id):
            raise CustomerUnknown("There is no such customer.", errors=[FieldError("/target_id", "Is unknown.")])
        if kind == "contract" and store.find(session, contracts, target_id) is None:
            raise ContractNotFound("There is no such contract.", errors=[FieldError("/target_id", "Is unknown.")])


def _check(record: Record) -> None:
    if (record["listing_id"] is None) == (record["category"] is None):
        raise CatalogueRuleUnsuitable(
            "A rule is about a listing or about a category; name one of them.",
            errors=[FieldError("/listing_id", "Name this or the category.")],
        )
    target, other = ("role", "target_id") if record["target_kind"] == "role" else ("target_id", "role")
    if record[target] is None or record[other] is not None:
        raise CatalogueRuleUnsuitable(
            f"A rule for a {record['target_kind']} names it in {target}, and has no {other}.",
            errors=[FieldError(f"/{target}", "Is needed, and nothing else.")],
        )
