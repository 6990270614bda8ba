"""Operations on tags, and on the tags of a customer. Portal accounts never see them."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import tags as queries
from customer.schemas.rules import (
    CustomerTags,
    CustomerTagsOut,
    NewTag,
    OneTag,
    TagChanges,
    TagMerge,
    TagMergeOut,
    TagOut,
)
from customer.use_cases import tags

routes = Routes("Tags", "Marks that staff put on customers, defined once for all; never shown to customers.")

_ONE = "/tags/<uuid:tag_id>"
_OF = "/customers/<uuid:customer_id>/tags"


@routes.list("/tags", permission="customers.view", out=TagOut)
def list_tags(call: Call) -> Page:
    """All tags, by name."""
    return queries.tag_page(call.session, call.limit, call.cursor, call.cursor_scope)


@routes.post("/tags", permission="schema.manage", body=NewTag, out=TagOut)
def create_tag(call: Call) -> Mapping[str, Any]:
    """Defines a tag."""
    return queries.tag(call.session, tags.create_tag(call.session, call.body)["id"])


@routes.get(_ONE, permission="customers.view", out=TagOut)
def show_tag(call: Call, tag_id: str) -> Mapping[str, Any]:
    """One tag."""
    return queries.tag(call.session, tag_id)


@routes.patch(_ONE, permission="schema.manage", body=TagChanges, out=TagOut)
def change_tag(call: Call, tag_id: str) -> Mapping[str, Any]:
    """Changes a tag. An archived one stays where it is and is put on nobody else."""
    tags.change_tag(call.session, tag_id, call.version, call.body)
    return queries.tag(call.session, tag_id)


@routes.delete(_ONE, permission="schema.manage", versioned=True)
def delete_tag(call: Call, tag_id: str) -> None:
    """Deletes a tag that no customer carries and no segment speaks of."""
    tags.delete_tag(call.session, tag_id, call.version)


@routes.post(f"{_ONE}/merge", permission="schema.manage", body=TagMerge, out=TagMergeOut, status=200, versioned=True)
def merge_tag(call: Call, tag_id: str) -> Mapping[str, Any]:
    """Ends a tag in favour of another one. Its carriers are moved in the background, each with an entry in its history;
    `customers` says how many they are."""
    carriers = queries.tag(call.session, tag_id)["customers"]
    merged = tags.merge_tag(call.session, tag_id, call.version, call.body["into"])
    return {"merged_into": merged["merged_into"], "customers": carriers}


@routes.get(_OF, permission="customers.view", out=CustomerTagsOut)
def list_customer_tags(call: Call, customer_id: str) -> Mapping[str, Any]:
    """The tags of a customer, by name."""
    return queries.tags_of(call.session, customer_id)


@routes.put(_OF, permission="customers.edit", body=CustomerTags, out=CustomerTagsOut)
def set_customer_tags(call: Call, customer_id: str) -> Mapping[str, Any]:
    """States all tags of a customer; `If-Match` is the customer's."""
    tags.set_tags(call.session, customer_id, call.version, call.body["tag_ids"])
    return queries.tags_of(call.session, customer_id)


@routes.post(_OF, permission="customers.edit", body=OneTag, out=CustomerTagsOut, status=200)
def add_customer_tag(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Puts one tag on a customer, if it does not carry it already."""
    tags.add_tag(call.session, customer_id, call.body["tag_id"])
    return queries.tags_of(call.session, customer_id)


@routes.delete(f"{_OF}/<uuid:tag_id>", permission="customers.edit")
def remove_customer_tag(call: Call, customer_id: str, tag_id: str) -> None:
    """Takes a tag off a customer."""
    tags.remove_tag(call.session, customer_id, tag_id)
