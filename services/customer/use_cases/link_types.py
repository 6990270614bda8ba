"""The types of links, as an administrator keeps them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from customer import events
from customer.domain.links import FIXED_IN_USE, LINK_TYPE_LABELS, check_type
from customer.errors.links import LinkTypeInUse, LinkTypeNotFound, LinkTypeTaken, LinkTypeUnknown
from customer.tables.links import link_types
from customer.use_cases import catalogue
from customer.use_cases.catalogue import Catalogue, count
from customer.use_cases.store import Record

Body = Mapping[str, Any]

LINK_TYPES = Catalogue(
    table=link_types,
    noun="link type",
    users="links have",
    labels=LINK_TYPE_LABELS,
    count_users=count("customer_links WHERE type_id = CAST(:id AS uuid)"),
    event=events.link_type,
    not_found=LinkTypeNotFound,
    unknown=LinkTypeUnknown,
    taken=LinkTypeTaken,
    in_use=LinkTypeInUse,
)

_ANY = ("business", "person")


def create_link_type(session: Session, body: Body) -> Record:
    """Adds a type; one without `reverse_label` reads the same from both sides only where it is symmetric."""
    allowed = body.get("allowed_kinds") or {}
    first = allowed.get("from", _ANY)
    symmetric = body.get("symmetric", False)
    fields = {
        "code": body["code"],
        "forward_label": body["forward_label"],
        "reverse_label": body.get("reverse_label") or body["forward_label"],
        "symmetric": symmetric,
        "from_kinds": sorted(set(first)),
        "to_kinds": sorted(set(allowed.get("to", first if symmetric else _ANY))),
        "dated": body.get("dated", True),
    }
    check_type(fields)
    return catalogue.create(session, LINK_TYPES, fields)


def change_link_type(session: Session, type_id: str, version: int, body: Body) -> Record:
    """Changes a type. What its links rest on is fixed while there are any; kinds count for links made from now on."""
    before = catalogue.lock(session, LINK_TYPES, type_id, version)
    after = before | {name: body[name] for name in ("forward_label", "reverse_label", *FIXED_IN_USE) if name in body}
    if after["symmetric"] and "forward_label" in body and "reverse_label" not in body:
        after["reverse_label"] = after["forward_label"]
    for side, kinds in (body.get("allowed_kinds") or {}).items():
        after[f"{side}_kinds"] = sorted(set(kinds))
    check_type(after)
    if any(after[name] != before[name] for name in FIXED_IN_USE):
        used = catalogue.users_of(session, LINK_TYPES, before)
        if used:
            raise LinkTypeInUse(
                f"{used} links have this type; whether it has days and reads the same from both sides is fixed"
                " while there are any. Make another type.",
                facts={"count": used},
            )
    return catalogue.change(session, LINK_TYPES, before, after)


def delete_link_type(session: Session, type_id: str, version: int) -> None:
    """Takes a type out of the list; raises LinkTypeInUse while there are links of it."""
    catalogue.remove(session, LINK_TYPES, type_id, version)
