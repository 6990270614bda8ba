"""The shapes of moving in and out."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from common.schemas import Email, Flag, Id, Moment, Schema, Text, one_of
from customer.domain.assignments import OCCUPANT, ROLES
from customer.domain.limits import LENGTHS
from customer.domain.moves import MAX_SERVICES, STATES
from customer.schemas.properties import Day, PartyName

_WHERE = ("line1", "line2", "city", "region", "postal_code", "country")


class ServiceWish(Schema):
    """A service that should start or end with the move. Kept and shown; ordering it is another step."""

    service = Text(max=100, required=True, metadata={"description": "its name, or its id where there is one"})
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 9_999))
    note = Text(min=0, max=500, load_default=None)


class MoveAddress(Schema):
    """One of the customer's addresses by `address_id`, or an address in full."""

    address_id = Id()
    line1 = Text(max=LENGTHS["line1"])
    line2 = Text(min=0, max=LENGTHS["line2"])
    city = Text(max=LENGTHS["city"])
    region = Text(min=0, max=LENGTHS["region"])
    postal_code = Text(min=0, max=LENGTHS["postal_code"])
    country = Text(min=2, max=2)

    @validates_schema
    def _one_way(self, data: dict[str, Any], **_options: Any) -> None:
        if "address_id" in data:
            if any(data.get(name) for name in _WHERE):
                raise ValidationError("Send `address_id`, or the address in full, not both.", "address_id")
            return
        for name in ("line1", "city", "country"):
            if name not in data:
                raise ValidationError("Is needed, unless `address_id` names one of the customer's addresses.", name)


class Invitation(Schema):
    """The portal login that is invited when the move is executed."""

    username = Text(max=254, required=True)
    email = Email(required=True)


class _Move(Schema):
    property_id = Id(required=True)
    customer_id = Id(required=True)
    role = one_of(*ROLES, load_default=OCCUPANT)
    day = Day(data_key="date", metadata={"description": "today where it is left out"})
    bill_to = fields.Nested(MoveAddress)
    ship_to = fields.Nested(MoveAddress)
    dry_run = Flag(load_default=False, metadata={"description": "only show what would happen"})


def _services(name: str) -> fields.List[Any]:
    return fields.List(
        fields.Nested(ServiceWish), data_key=name, load_default=list, validate=validate.Length(max=MAX_SERVICES)
    )


class NewMoveIn(_Move):
    """Moves a customer in. As occupant it takes the place of the one who is there."""

    services = _services("services_to_start")
    invite = fields.Nested(Invitation)


class NewMoveOut(_Move):
    """Moves a customer out."""

    services = _services("services_to_end")


class MoveCancellation(Schema):
    """Why a planned move is called off."""

    reason = Text(max=LENGTHS["reason"], required=True)


class MoveFilter(Schema):
    """Which moves."""

    state = one_of(*STATES)


class MovePlace(Schema):
    """A property by number and name."""

    id = Id()
    number = fields.String()
    name = fields.String()


class MoveHolder(Schema):
    """An assignment that a move ends, or leaves as it is; `to` is what it was before the move."""

    assignment_id = Id()
    customer = fields.Nested(PartyName)
    role = one_of(*ROLES)
    starts_on = Day(data_key="from")
    until = Day(data_key="to", allow_none=True)


class MoveBeginning(Schema):
    """What a move in begins."""

    role = one_of(*ROLES)
    starts_on = Day(data_key="from")


class MoveShown(Schema):
    """A move in or out."""

    id = Id(allow_none=True, metadata={"description": "null in a preview"})
    kind = one_of("in", "out")
    state = one_of(*STATES)
    property = fields.Nested(MovePlace)
    customer = fields.Nested(PartyName)
    role = one_of(*ROLES)
    day = Day(data_key="date")
    ends = fields.List(fields.Nested(MoveHolder))
    begins = fields.Nested(MoveBeginning, allow_none=True)
    services_to_start = fields.List(fields.Nested(ServiceWish))
    services_to_end = fields.List(fields.Nested(ServiceWish))
    bill_to = fields.Nested(MoveAddress, allow_none=True)
    ship_to = fields.Nested(MoveAddress, allow_none=True)
    invite = fields.Nested(Invitation, allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "why it was cancelled"})
    executed_at = Moment(allow_none=True)
    cancelled_at = Moment(allow_none=True)
    version = fields.Integer(allow_none=True)
    created_at = Moment()
    updated_at = Moment()


class MoveWarning(Schema):
    """Something to look at before the move."""

    code = fields.String()
    detail = fields.String()


class MovePreview(MoveShown):
    """A move with what stays and what somebody should look at."""

    dry_run = fields.Boolean()
    stays = fields.List(fields.Nested(MoveHolder))
    warnings = fields.List(fields.Nested(MoveWarning))
