"""The shapes of assets."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from common.schemas import Id, Moment, Schema, Text, one_of
from warehouse.domain.assets import LENGTHS, STATUSES


class Custodian(Schema):
    """Who has it: a contact by its id, and what they are called; or a name alone."""

    id = Id(load_default=None, allow_none=True)
    label = Text(min=0, max=LENGTHS["name"], load_default=None)

    @validates_schema
    def _somebody(self, data: Any, **_options: Any) -> None:
        if data["id"] is None and data["label"] is None:
            raise ValidationError("Name the custodian by id, by label, or by both.", "label")


class AssetChanges(Schema):
    """Fields of an asset to change."""

    tag = Text(max=LENGTHS["tag"])
    serial = Text(min=0, max=LENGTHS["serial"])
    name = Text(max=LENGTHS["name"])
    model = Text(min=0, max=LENGTHS["name"])
    sku = Text(min=0, max=LENGTHS["sku"])
    property_id = Id(allow_none=True)
    location = Text(min=0, max=LENGTHS["location"])
    warehouse = Text(min=0, max=40, metadata={"description": "the customer's own one, by code or id"})
    warranty_until = fields.Date(allow_none=True)
    purchased_on = fields.Date(allow_none=True)
    note = Text(min=0, max=LENGTHS["note"])


class NewAsset(AssetChanges):
    """Something that a customer has. Without a tag it gets one; with a custodian it is handed out already."""

    customer_id = Id(required=True)
    name = Text(max=LENGTHS["name"], required=True)
    custodian = fields.Nested(Custodian, allow_none=True)


class CheckOut(Schema):
    """To whom or where it goes. What is promised to a request goes to whom that names, unless something else is
    said."""

    custodian = fields.Nested(Custodian)
    property_id = Id()
    location = Text(max=LENGTHS["location"])


class CheckIn(Schema):
    """Where it lies from now on."""

    property_id = Id()
    location = Text(max=LENGTHS["location"])
    warehouse = Text(max=40, metadata={"description": "the customer's own one, by code or id"})


class AssetReason(Schema):
    """Why, or in which state it is."""

    reason = Text(max=LENGTHS["reason"])


class NeededAssetReason(Schema):
    """Why."""

    reason = Text(max=LENGTHS["reason"], required=True)


class AssetFilter(Schema):
    """Which assets to list."""

    customer_id = Id()
    status = one_of(*STATUSES)
    custodian_id = Id()
    custodian = Text(max=LENGTHS["name"], metadata={"description": "a part of the custodian's name"})
    property_id = Id()
    warehouse_id = Id()
    order_id = Id(metadata={"description": "the order it came with"})
    sku = Text(max=LENGTHS["sku"])
    serial = Text(max=LENGTHS["serial"])
    q = Text(max=100, metadata={"description": "the beginning of a tag, serial number or article; a part of a name"})


class PersonOut(Schema):
    """Somebody by the id and the name that they had."""

    id = Id(required=True, allow_none=True)
    label = fields.String(required=True, allow_none=True)


class ActorOut(Schema):
    """Who did something: an account of staff or of the portal, or the system."""

    type = fields.String(required=True)
    id = fields.String(required=True)
    label = fields.String(required=True)


class OriginOut(Schema):
    """The order and the shipment that it came with."""

    order_id = Id(required=True)
    order_number = fields.String(required=True, allow_none=True)
    shipment_id = Id(required=True, allow_none=True)
    line_id = Id(required=True, allow_none=True)


class AssetOut(Schema):
    """An asset. `commands` are those that its status takes now, `request_id` is to whom it is promised."""

    id = Id(required=True)
    customer_id = Id(required=True)
    tag = fields.String(required=True)
    serial = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    model = fields.String(required=True, allow_none=True)
    sku = fields.String(required=True, allow_none=True)
    status = one_of(*STATUSES, required=True)
    custodian = fields.Nested(PersonOut, required=True, allow_none=True)
    property_id = Id(required=True, allow_none=True)
    location = fields.String(required=True, allow_none=True)
    warehouse_id = Id(required=True, allow_none=True)
    request_id = Id(required=True, allow_none=True)
    warranty_until = fields.Date(required=True, allow_none=True)
    purchased_on = fields.Date(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    origin = fields.Nested(OriginOut, required=True, allow_none=True)
    commands = fields.List(fields.String(), required=True)
    retired_at = Moment(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class AssetChangeOut(Schema):
    """A field that changed, with both values; of what is named by an id also what it was called."""

    path = fields.String(required=True)
    label = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)
    before_label = fields.String(allow_none=True)
    after_label = fields.String(allow_none=True)


class AssetEntryOut(Schema):
    """An entry of the history of an asset: by which command it became which version, and who did it."""

    id = Id(required=True)
    asset_id = Id(required=True)
    version = fields.Integer(required=True)
    command = fields.String(required=True)
    changes = fields.List(fields.Nested(AssetChangeOut), required=True)
    request_id = Id(required=True, allow_none=True)
    actor = fields.Nested(ActorOut, required=True)
    created_at = Moment(required=True)
